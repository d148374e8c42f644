import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sums } from './sums.ts'

const DOUBLES = fc.double({ noNaN: true, noDefaultInfinity: true })
const PRICES = fc.integer({ min: -1_000_000, max: 1_000_000 }).map((cents) => cents / 100)
const MIXED = fc.oneof(DOUBLES, PRICES, fc.constantFrom(1e308, -1e308, 5e-324, 1e16, 1, -1, 0.1, -0))

describe('a sum', () => {
  it.each([
    [[0.1, 0.2, 0.3], 0.6],
    [[1e16, 1, -1e16], 1],
    [[1e308, 1e308, -1e308], 1e308],
    [[1e20, 0.1, -1e20], 0.1],
    [[-0], 0],
    [[5e-324, 5e-324], 1e-323],
  ])('of %j is %d: the exact one, rounded once', (terms, sum) => {
    expect(Object.is(sumOf(terms).sum(0), sum)).toBe(true)
  })

  it('is beyond all numbers only when the exact one is', () => {
    expect(sumOf([1e308, 1e308]).sum(0)).toBe(Number.POSITIVE_INFINITY)
    expect(sumOf([1e308, 1e308]).average(0)).toBe(1e308)
  })

  it('and an average are the doubles next to the exact ones, in any order, split and merged in any way, written and read', () => {
    fc.assert(
      fc.property(fc.array(MIXED, { minLength: 1, maxLength: 30 }), fc.nat(30), fc.boolean(), (terms, cut, swap) => {
        const sums = new Sums()
        sums.resize(4)
        for (const [index, term] of terms.entries()) sums.add(index < cut ? 0 : 1, term)
        for (const row of [0, 1]) sums.decode(2 + row, JSON.parse(JSON.stringify(sums.encode(row))))
        sums.merge(swap ? 3 : 2, swap ? 2 : 3)
        const total = terms.reduce((sum, term) => sum + units(term), 0n)
        expect(sums.sum(swap ? 3 : 2)).toBe(nearest(total, 1n))
        expect(sums.average(swap ? 3 : 2)).toBe(nearest(total, BigInt(terms.length)))
      }),
      { numRuns: 2000 },
    )
  })

  it('of many numbers divides like the exact one: no quotient is rounded twice', () => {
    fc.assert(
      fc.property(PRICES, fc.integer({ min: 1, max: 100_000 }), (price, count) => {
        const sums = sumOf([price])
        sums.decode(0, [count, price, 0])
        expect(sums.average(0)).toBe(nearest(units(price), BigInt(count)))
      }),
      { numRuns: 2000 },
    )
  })
})

function sumOf(terms: readonly number[]): Sums {
  const sums = new Sums()
  sums.resize(1)
  for (const term of terms) sums.add(0, term)
  return sums
}

/** A double in units of 2^-1074, by its digits in base 2. */
function units(double: number): bigint {
  if (double < 0) return -units(-double)
  let rest = double
  let power = 1074
  while (rest >= 2 ** 53) {
    rest /= 2
    power += 1
  }
  while (!Number.isInteger(rest)) {
    rest *= 2
    power -= 1
  }
  return BigInt(rest) << BigInt(power)
}

/** The double next to `units / 2^1074 / count`, found by halving between doubles; the even one of two. */
function nearest(total: bigint, count: bigint): number {
  if (total < 0n) return -nearest(-total, count)
  const view = new DataView(new ArrayBuffer(8))
  const doubleOf = (bits: bigint) => {
    view.setBigUint64(0, bits)
    return view.getFloat64(0)
  }
  const MOST = 0x7fefffffffffffffn
  let low = 0n
  let high = MOST
  // Doubles above 0 are in the order of their bits.
  while (low < high) {
    const middle = (low + high + 1n) / 2n
    if (units(doubleOf(middle)) * count <= total) low = middle
    else high = middle - 1n
  }
  const below = units(doubleOf(low))
  const above = low === MOST ? 1n << 2098n : units(doubleOf(low + 1n))
  const twice = 2n * total - (below + above) * count
  const isUp = twice > 0n || (twice === 0n && low % 2n === 1n)
  return isUp ? (low === MOST ? Number.POSITIVE_INFINITY : doubleOf(low + 1n)) : doubleOf(low)
}
