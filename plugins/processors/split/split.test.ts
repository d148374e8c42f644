import { describe, expect, it } from 'vitest'
import { headerText, type Json } from '../../../engine/plugin.ts'
import {
  collectingSink,
  faultsOf,
  lines,
  listSource,
  memoryStorage,
  runPipeline,
  runProcessor,
} from '../../../test/contract/index.ts'
import filter from '../filter/index.ts'
import split from './index.ts'

const ORDER = { order: 7, at: { shop: 'x' }, items: [{ sku: 'a' }, 'b', null] }

describe('split', () => {
  it('makes one record of each element, in order', async () => {
    const run = await runProcessor(split, {}, [[1, [2]], [], [{ a: 3 }]])
    expect(run.values).toEqual([1, [2], { a: 3 }])
  })

  it('splits the list that `of` yields, with and without the interpreter', async () => {
    expect((await runProcessor(split, { of: 'items' }, [ORDER])).values).toEqual(ORDER.items)
    expect((await runProcessor(split, { of: '[items.sku]' }, [ORDER])).values).toEqual(['a'])
  })

  it('puts the element into a copy of the record without the list where `as` says so', async () => {
    const run = await runProcessor(split, { of: 'items', as: 'item' }, [ORDER])
    expect(run.values).toEqual(ORDER.items.map((item) => ({ order: 7, at: { shop: 'x' }, item })))
    expect((await runProcessor(split, { of: 'items', as: 'items' }, [ORDER])).values[1]).toEqual({
      ...ORDER,
      items: 'b',
    })
  })

  it('takes the list out from where it stands, and puts the element where it is wanted', async () => {
    const value = { a: { list: [1, 2], b: 3 }, c: {} }
    const run = await runProcessor(split, { of: 'a.list', as: 'c.n' }, [value])
    expect(run.values).toEqual([1, 2].map((n) => ({ a: { b: 3 }, c: { n } })))
  })

  it('keeps key, time, origin and headers, and adds a header with the place in the list', async () => {
    const run = await runProcessor(split, { index: 'line' }, [['x', 'y'], ['z']])
    expect(run.emitted.map(({ headers }) => headerText(headers, 'line'))).toEqual(['0', '1', '0'])
    expect(run.emitted.map(({ origin, timestamp }) => [origin, timestamp])).toEqual(
      [0, 0, 1].map((line) => [run.records[line]?.origin, 1000 + line]),
    )
    const again = await runProcessor(split, {}, [['x']])
    expect(again.emitted[0]?.headers).toEqual([{ name: 'index', value: '0' }])
  })

  it('counts a record with an empty list as dropped', async () => {
    const run = await runProcessor(split, {}, [[], [1], []])
    expect({ values: run.values, counts: run.counts, failed: run.failed }).toEqual({
      values: [1],
      counts: [['dropped', 2]],
      failed: [],
    })
  })

  it('fails a record without a list, and one with a single thing in its place', async () => {
    const run = await runProcessor(split, { of: 'items' }, [{}, { items: { sku: 'a' } }, { items: null }, ORDER])
    expect(run.failed.map(({ code, expression }) => [code, expression])).toEqual([
      ['SR_EXPRESSION_EMPTY', 'items'],
      ['SR_RECORD_SHAPE', 'items'],
      ['SR_RECORD_SHAPE', 'items'],
    ])
    expect(run.values).toHaveLength(3)
  })

  it('fails a record whose list or whose field cannot be reached, before any of it is emitted', async () => {
    const inLists = { a: [{ list: [1, 2] }, { list: [3] }] }
    const blocked = { a: { list: [1] }, b: 'text' }
    const run = await runProcessor(split, { of: 'a.list', as: 'b.c' }, [inLists, blocked])
    expect(run.values).toEqual([])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_RECORD_SHAPE', 'SR_RECORD_SHAPE'])
  })

  it('makes own fields of names such as __proto__ (CF-10)', async () => {
    const run = await runProcessor(split, { of: 'items', as: '__proto__' }, [ORDER])
    expect(Object.getOwnPropertyDescriptor(run.values[1], '__proto__')?.value).toBe('b')
    expect(({} as { sku?: Json }).sku).toBeUndefined()
  })

  it('stops when its output is full, and goes on from there, across the records of a batch', async () => {
    const lists = [250, 0, 1, 148].map((length, list) => Array.from({ length }, (_, n) => `${list}.${n}`))
    const run = await runProcessor(split, {}, lists)
    expect(run.values).toEqual(lists.flat())
    expect(run.calls).toBe(4)
  })

  it('refuses `as` where the list cannot be taken out, or where it is no path', async () => {
    const context = { storage: memoryStorage(), definitionFolder: '/' }
    const paths = async (options: { of?: string; as?: string }) =>
      (await faultsOf(split, options, context)).map(({ code, path }) => [code, ...path])
    expect(await paths({ as: 'item' })).toEqual([['SR_OPTION_REFUSED', 'as']])
    expect(await paths({ of: '[items[x > 1]]', as: 'item' })).toEqual([['SR_OPTION_REFUSED', 'as']])
    expect(await paths({ of: 'items', as: 'a..b' })).toEqual([['SR_BAD_VALUE', 'as']])
    expect(await paths({ of: 'order.`the.lines`', as: 'a.b' })).toEqual([])
    expect(await paths({ of: '[items[x > 1]]' })).toEqual([])
  })
})

describe('a pipeline with a split', () => {
  const list = (length: number, first = 0) => Array.from({ length }, (_, n) => first + n)

  it('killed in the middle of a record and resumed, writes each of its elements once', async () => {
    const source = listSource(...[0, 1, 2].map((n) => lines(JSON.stringify(list(3000, n * 3000)))))
    const sink = collectingSink()
    const spec = {
      sources: { in: { plugin: source.plugin } },
      processors: { split: { plugin: split } },
      sinks: { out: { plugin: sink.plugin } },
    }
    const run = await runPipeline(spec)
    await sink.until(({ values }) => values.length > 3500)
    await run.kill()
    expect(sink.values.length).toBeLessThan(6000)
    const again = await run.resume()
    expect(await again.ended).toMatchObject({ exitCode: 0 })
    expect(sink.values).toEqual(list(9000))
  })

  it('keeps the element that failed in the dead letters, with its place, and not the whole list', async () => {
    const run = await runPipeline({
      sources: { in: { plugin: listSource(lines('[{"n":1},{"n":"two"},{"n":3}]')).plugin } },
      processors: { split: { plugin: split }, few: { plugin: filter, options: { where: 'n > 2' } } },
      sinks: { out: { plugin: collectingSink().plugin } },
    })
    await run.ended
    const [letter, ...others] = await run.deadLetters()
    expect(others).toEqual([])
    expect(letter).toMatchObject({ component: 'few', value: { n: 'two' }, headers: [['index', '1']] })
    expect(letter).toMatchObject({ source: 'in', position: { offset: 0, line: 1 } })
    expect(letter).not.toHaveProperty('raw')
  })

  it('keeps the record that cannot be split in the dead letters, with its original bytes', async () => {
    const run = await runPipeline({
      sources: { in: { plugin: listSource(lines('{"items": 1.10}', '{"items": []}')).plugin } },
      processors: { split: { plugin: split, options: { of: 'items' } } },
      sinks: { out: { plugin: collectingSink().plugin } },
    })
    await run.ended
    expect(await run.deadLetters()).toMatchObject([{ component: 'split', raw: '{"items": 1.10}' }])
    expect(run.counts('split')).toMatchObject({ in: 2, failed: 1, dropped: 1 })
  })
})
