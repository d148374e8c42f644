import { describe, expect, it } from 'vitest'
import type { CheckContext, Json } from '../../../engine/plugin.ts'
import { faultsOf, runProcessor } from '../../../test/contract/run-processor.ts'
import jsonata from './index.ts'

const order = { id: 7, price: 20, qty: 3, customer: { name: 'Ada', email: 'ada@example.org' } }

describe('jsonata with expression', () => {
  it('replaces the value and keeps time and origin', async () => {
    const run = await runProcessor(jsonata, { expression: '{ "id": id, "total": price * qty }' }, [order])
    expect(run.values).toEqual([{ id: 7, total: 60 }])
    expect(run.emitted[0]?.origin).toBe(run.records[0]?.origin)
    expect(run.emitted[0]?.timestamp).toBe(run.records[0]?.timestamp)
  })

  it('yields values of every kind', async () => {
    const run = await runProcessor(jsonata, { expression: 'v' }, [{ v: null }, { v: 'x' }, { v: [] }, { v: 0 }])
    expect(run.values).toEqual([null, 'x', [], 0])
    expect(run.waited).toBe(false)
  })

  it('fails a record for which it yields nothing, and goes on', async () => {
    const run = await runProcessor(jsonata, { expression: 'v' }, [{}, { v: 1 }])
    expect(run.values).toEqual([1])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_EXPRESSION_EMPTY'])
  })
})

describe('jsonata with set and unset', () => {
  it('sets fields at any depth, each from the record as it came in', async () => {
    const set = {
      price: 'price * 2',
      total: 'price * qty',
      'customer.region': '"EU"',
      'audit.by.name': 'customer.name',
    }
    const run = await runProcessor(jsonata, { set }, [order])
    expect(JSON.stringify(run.values[0])).toBe(
      '{"id":7,"price":40,"qty":3,"customer":{"name":"Ada","email":"ada@example.org","region":"EU"},"total":60,"audit":{"by":{"name":"Ada"}}}',
    )
  })

  it('removes a field that is set to nothing', async () => {
    const run = await runProcessor(jsonata, { set: { price: 'discount', 'customer.email': 'missing' } }, [order])
    expect(run.values).toEqual([{ id: 7, qty: 3, customer: { name: 'Ada' } }])
  })

  it('removes first and sets then, so that a field can move', async () => {
    const run = await runProcessor(jsonata, { unset: ['customer'], set: { 'customer.first': 'customer.name' } }, [
      order,
    ])
    expect(run.values).toEqual([{ id: 7, price: 20, qty: 3, customer: { first: 'Ada' } }])
  })

  it('hands on a record that it did not change with its bytes', async () => {
    const run = await runProcessor(jsonata, { unset: ['password', 'customer.phone', 'id.x'] }, [order])
    expect(run.emitted[0]).toBe(run.records[0])
    expect(run.waited).toBe(false)
  })

  it('never changes what came in', async () => {
    const before = structuredClone(order)
    await runProcessor(jsonata, { set: { 'customer.name': '"x"', id: '$string(id)' }, unset: 'qty' }, [order])
    expect(order).toEqual(before)
  })

  it.each<Json>([1, 'text', null, [], [{ a: 1 }]])('fails a value that has no fields: %j', async (value) => {
    const run = await runProcessor(jsonata, { set: { a: '1' } }, [value])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_RECORD_SHAPE'])
  })

  it('fails a record with something else on the way to a field, and names the field', async () => {
    const run = await runProcessor(jsonata, { set: { 'id.x': '1' } }, [order, { other: 1 }])
    expect(run.failed.map(({ message }) => message)).toEqual([
      'id.x cannot be set: what stands on the way to it is no object',
    ])
    expect(run.values).toEqual([{ other: 1, id: { x: 1 } }])
  })

  it('keeps the order of records when some wait and some do not', async () => {
    const values = Array.from({ length: 20 }, (_, n) => (n % 3 === 0 ? { n, tags: [{ t: n }] } : { n, tags: { t: n } }))
    const run = await runProcessor(jsonata, { set: { tag: 'tags.t' } }, values)
    expect(run.values.map((value) => (value as { tag: number }).tag)).toEqual(values.map(({ n }) => n))
  })

  it('makes __proto__ a field like any other', async () => {
    const run = await runProcessor(jsonata, { set: { '__proto__.polluted': '1' } }, [
      JSON.parse('{"__proto__":{"a":1}}'),
    ])
    expect(JSON.stringify(run.values)).toBe('[{"__proto__":{"a":1,"polluted":1}}]')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('the options of jsonata', () => {
  const faults: [string, Record<string, Json>, (string | number)[][]][] = [
    ['need one of the three', {}, [[]]],
    ['do not take both ways', { expression: 'a', unset: 'b' }, [['expression']]],
    [
      'name paths',
      { set: { 'a..b': '1' }, unset: ['ok', '.c'] },
      [
        ['set', 'a..b'],
        ['unset', 1],
      ],
    ],
    ['may set and unset', { set: { 'a.b': '1' }, unset: ['c'] }, []],
  ]
  it.each(faults)('%s', async (_, values, paths) => {
    const found = await faultsOf(jsonata, values, {} as CheckContext)
    expect(found.map(({ path }) => path)).toEqual(paths)
  })
})
