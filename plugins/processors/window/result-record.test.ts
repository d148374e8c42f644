import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../engine/plugin.ts'
import { keyOf, keyParts } from '../../shared/by.ts'
import { ResultRecord, ResultShape } from './result-record.ts'

const name = fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('1', '__proto__', 'ä"\n', 'n', 'sum'))
const key = fc.oneof(fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean())
const result: fc.Arbitrary<Json | undefined> = fc.option(
  fc.oneof(fc.double({ noNaN: true }), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>),
  { nil: undefined },
)
const fields = fc.uniqueArray(fc.tuple(name, result), { selector: ([one]) => one, maxLength: 5 })
const bound = fc.integer({ min: -1e13, max: 1e13 })

describe('a result', () => {
  it('is written as the text of its value, whatever its fields are called and hold', () => {
    fc.assert(
      fc.property(
        fields,
        fc.array(key, { maxLength: 2 }),
        bound,
        bound,
        fc.boolean(),
        (named, keys, start, end, final) => {
          const by = keyParts(new Map(keys.map((_, index) => [`key ${index}`, 'a'])))
          const names = named.map(([one]) => one)
          const shape = new ResultShape({ component: 'work', by, saysFinal: final, names })
          const closing = { key: keyOf(keys, by), start, end, row: 0, isFinal: final }
          const results = named.map(([, one]) => one)
          const text = new ResultRecord(shape, closing, results).json()
          expect(text).toBe(JSON.stringify(new ResultRecord(shape, closing, results).value))
        },
      ),
    )
  })

  it('has the values of its key, the bounds of its window and the aggregates that there are', () => {
    const by = keyParts(['user.id', 'page'])
    const shape = new ResultShape({ component: 'work', by, saysFinal: true, names: ['n', 'last'] })
    const closing = { key: keyOf([7, 'home'], by), start: 0, end: 60_000, row: 0, isFinal: false }
    const record = new ResultRecord(shape, closing, [3, undefined])
    expect(record).toMatchObject({ key: '[7,"home"]', timestamp: 59_999, raw: undefined, headers: [] })
    expect(record.origin).toEqual({
      component: 'work',
      partition: '',
      position: { window_start: 0, window_end: 60_000 },
    })
    expect(record.value).toEqual({
      window_start: '1970-01-01T00:00:00.000Z',
      window_end: '1970-01-01T00:01:00.000Z',
      id: 7,
      page: 'home',
      final: false,
      n: 3,
    })
  })
})
