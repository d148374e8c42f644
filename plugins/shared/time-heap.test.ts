import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TimeHeap } from './time-heap.ts'

it('gives rows in the order of their moments, and those of one moment in their own, in whatever order they came', () => {
  const entries = fc.uniqueArray(fc.tuple(fc.nat(5), fc.nat(99)), { selector: ([, row]) => row, maxLength: 40 })
  fc.assert(
    fc.property(entries, (given) => {
      const heap = new TimeHeap()
      for (const [moment, row] of given) heap.push(moment, row)
      const taken = given.map(() => [heap.earliest, heap.pop()])
      expect(taken).toEqual(given.toSorted(([a, x], [b, y]) => a - b || x - y))
      expect(heap.earliest).toBe(Number.POSITIVE_INFINITY)
    }),
  )
})
