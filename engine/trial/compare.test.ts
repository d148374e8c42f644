import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matches, mismatches } from './compare.ts'

describe('two values', () => {
  it('match when they are the same JSON, whatever the order of their keys', () => {
    expect(matches({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, false)).toBe(true)
    expect(matches({ a: 1 }, { a: 1, b: 2 }, false)).toBe(false)
    expect(matches([1, 2], [2, 1], false)).toBe(false)
    expect(matches({ a: null }, {}, false)).toBe(false)
    expect(matches({}, [], false)).toBe(false)
  })

  it('match in part when every key that is named matches, however deep; a list keeps its length', () => {
    expect(matches({ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, true)).toBe(true)
    expect(matches({ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] }, true)).toBe(true)
    expect(matches({ a: [1] }, { a: [1, 2] }, true)).toBe(false)
    expect(matches({ constructor: 1 }, {}, true)).toBe(false)
  })
})

describe('two lists', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 })
  const compare = (expected: readonly number[], actual: readonly number[], unordered: boolean) =>
    mismatches(expected.length, actual.length, (a, b) => expected[a] === actual[b], unordered)

  it('have no mismatch exactly when they are equal', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(compare(a, b, false).length === 0).toBe(JSON.stringify(a) === JSON.stringify(b))
        expect(compare(a, a, false)).toEqual([])
      }),
    )
  })

  it('have no mismatch in any order exactly when one is a permutation of the other', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        expect(compare(a, b, true).length === 0).toBe(a.toSorted().join() === b.toSorted().join())
        expect(compare(a, a.toReversed(), true)).toEqual([])
      }),
    )
  })

  it('are told apart by no more than what was put in or taken out', () => {
    expect(compare([1, 2, 3, 4], [1, 3, 4], false)).toEqual([{ expected: 1, actual: undefined }])
    expect(compare([1, 3], [1, 2, 3], false)).toEqual([{ expected: undefined, actual: 1 }])
    expect(compare([1, 2, 3], [1, 9, 3], false)).toEqual([{ expected: 1, actual: 1 }])
  })
})
