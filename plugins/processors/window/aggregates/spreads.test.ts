import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Json, Moments } from '../../../../engine/plugin.ts'
import { Spreads } from './spreads.ts'

const DOUBLES = fc.double({ noNaN: true, noDefaultInfinity: true })
const PRICES = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100)
const NEAR = fc.double({ noNaN: true, min: -1e6, max: 1e6 })
const EXTREME = fc.constantFrom(1e308, -1e308, 5e-324, 2 ** 480, 2 ** -400, 1e200, 1e-200, 1e16, 1, -1, 0.1, -0)
const EQUAL = fc.constantFrom(0.1, 0.3)

describe('a variance', () => {
  it.each([
    ['prices', PRICES],
    ['numbers of ordinary sizes', NEAR],
    ['numbers that are nearly all the same', EQUAL],
    ['numbers of any size', fc.oneof(DOUBLES, PRICES, EXTREME)],
  ])(
    'of %s is that of `Moments`, in any order, split and merged in any way, written, read and used again',
    (_, number) => {
      const lists = fc.array(fc.array(number, { maxLength: 12 }), { minLength: 1, maxLength: 4 })
      fc.assert(
        fc.property(lists, fc.boolean(), (parts, reversed) => {
          const spreads = new Spreads()
          spreads.resize(2 * parts.length)
          let bytes = 0
          for (const [row, part] of parts.entries()) {
            // Nothing stays of what was in the row before.
            bytes += spreads.add(row, 1e-250) + spreads.add(row, 3)
            bytes -= spreads.clear(row)
            for (const one of part) bytes += spreads.add(row, one)
            expect(spreads.variance(row)).toBe(momentsOf(part).variance())
            bytes += spreads.decode(parts.length + row, JSON.parse(JSON.stringify(spreads.encode(row))) as Json)
            expect(spreads.variance(parts.length + row)).toBe(spreads.variance(row))
          }
          const rows = parts.map((_, row) => row + parts.length)
          const [into = 0, ...others] = reversed ? rows.toReversed() : rows
          for (const from of others) bytes += spreads.merge(into, from)
          expect(spreads.variance(into)).toBe(momentsOf(parts.flat()).variance())
          for (const row of [...rows, ...parts.keys()]) bytes -= spreads.clear(row)
          expect(bytes).toBe(0)
          expect(spreads.variance(into)).toBeUndefined()
        }),
        { numRuns: 500 },
      )
    },
  )

  it('reads what `Moments` have written', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(PRICES, DOUBLES, EXTREME), { minLength: 1 }), (numbers) => {
        const spreads = new Spreads()
        spreads.resize(1)
        const written = momentsOf(numbers)
        spreads.decode(0, JSON.parse(JSON.stringify(written.kept)) as Json)
        expect(spreads.variance(0)).toBe(written.variance())
      }),
    )
  })

  it.each([
    ['prices', (n: number) => ((n * 7919) % 99_991) / 100],
    ['readings with all their digits', (n: number) => 20 + Math.sin(n) * 1e3],
  ])('of a hundred thousand %s takes 56 bytes a key', (_, number) => {
    const spreads = new Spreads()
    spreads.resize(1)
    const numbers = Array.from({ length: 100_000 }, (_, n) => number(n))
    const grown = numbers.reduce((sum, one) => sum + spreads.add(0, one), 0)
    expect(spreads.rowBytes + grown).toBe(56)
    expect(spreads.variance(0)).toBe(momentsOf(numbers).variance())
  })
})

function momentsOf(numbers: readonly number[]): Moments {
  const moments = new Moments()
  for (const number of numbers) moments.add(number)
  return moments
}
