import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../random.ts'
import { ExactSum, nearestDouble } from './exact-sum.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import { functionTable } from './index.ts'
import { Moments } from './moments.ts'
import { Quantiles } from './quantiles.ts'

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true })
const lists = fc.array(doubles, { maxLength: 40 })

/** The double in units of 2^-1074, by nothing but multiplication. */
function exactly(double: number): bigint {
  let power = 0
  let scaled = double
  while (!Number.isInteger(scaled) || Math.abs(scaled) > Number.MAX_SAFE_INTEGER) {
    const up = !Number.isInteger(scaled)
    scaled = up ? scaled * 2 : scaled / 2
    power += up ? 1 : -1
  }
  return BigInt(scaled) << BigInt(1074 - power)
}

function sumOf(numbers: readonly number[]): ExactSum {
  const sum = new ExactSum()
  for (const number of numbers) sum.add(number)
  return sum
}

describe('an exact sum', () => {
  it('is the sum of its terms without any rounding', () => {
    fc.assert(
      fc.property(lists, (numbers) => {
        expect(sumOf(numbers).units).toBe(numbers.reduce((sum, one) => sum + exactly(one), 0n))
      }),
    )
  })

  it('is the same in any order, split and merge', () => {
    fc.assert(
      fc.property(lists, lists, (one, other) => {
        const merged = sumOf(one)
        merged.merge(sumOf(other).parts)
        expect(merged.dividedBy(3)).toBe(sumOf([...other, ...one].reverse()).dividedBy(3))
      }),
    )
  })

  it.each([
    [[0.1, 0.2, 0.3], 0.6],
    [[1e100, 1, -1e100], 1],
    [[1e308, 1e308, -1e308], 1e308],
    [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE, 1], Number.MAX_VALUE],
    [[Number.MAX_VALUE, Number.MAX_VALUE], Number.POSITIVE_INFINITY],
    [[1, 2 ** -53], 1],
    [[1, 2 ** -53, 2 ** -106], 1 + 2 ** -52],
    [[5e-324, 5e-324], 1e-323],
    [[], 0],
  ])('of %j is %d', (numbers, sum) => expect(sumOf(numbers).dividedBy(1)).toBe(sum))

  it('is divided with one rounding', () => {
    expect(sumOf([5e-324, 5e-324, 5e-324]).dividedBy(2)).toBe(1e-323)
    expect(sumOf([0.1, 0.1, 0.1]).dividedBy(3)).toBe(0.1)
    expect(sumOf([Number.MAX_VALUE, Number.MAX_VALUE]).dividedBy(2)).toBe(Number.MAX_VALUE)
  })
})

describe('the nearest double', () => {
  it('is the double itself for every double', () => {
    fc.assert(
      fc.property(doubles, fc.integer({ min: 1, max: 1e9 }), (double, factor) => {
        const by = BigInt(factor)
        expect(nearestDouble(exactly(double) * by, by << 1074n)).toBe(double === 0 ? 0 : double)
      }),
    )
  })

  it('is the quotient that the machine finds, which rounds once too', () => {
    const integers = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    fc.assert(fc.property(integers, integers, (a, b) => nearestDouble(BigInt(a), BigInt(b)) === a / b))
  })
})

describe('moments', () => {
  const momentsOf = (numbers: readonly number[]) => {
    const moments = new Moments()
    for (const number of numbers) moments.add(number)
    return moments
  }

  it('have the variance of the exact fractions, rounded once, in any order, split and merge', () => {
    const list = fc.array(fc.oneof(doubles, fc.integer(), fc.constantFrom(1e200, 1e-200, 5e-324, 0)), { maxLength: 20 })
    fc.assert(
      fc.property(list, list, (one, other) => {
        const numbers = [...one, ...other]
        const merged = momentsOf(other)
        merged.merge(momentsOf(one.toReversed()))
        if (numbers.length < 2) {
          expect(merged.variance()).toBeUndefined()
          return
        }
        const count = BigInt(numbers.length)
        const sum = numbers.reduce((total, x) => total + exactly(x), 0n)
        const squares = numbers.reduce((total, x) => total + exactly(x) ** 2n, 0n)
        const expected = nearestDouble(count * squares - sum * sum, (count * (count - 1n)) << 2148n)
        expect(merged.variance()).toBe(expected)
        expect(momentsOf(numbers).variance()).toBe(expected)
      }),
    )
  })
})

describe('quantiles', () => {
  const quantilesOf = (numbers: readonly number[]) => {
    const quantiles = new Quantiles()
    for (const number of numbers) quantiles.add(number)
    return quantiles
  }
  const nearestRank = (numbers: readonly number[], p: number) =>
    numbers.toSorted((a, b) => a - b)[Math.max(1, Math.ceil((p * numbers.length) / 100)) - 1]

  it('of up to 1,000 values are those of the nearest rank', () => {
    fc.assert(
      fc.property(
        fc.array(doubles, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0, 25, 50, 75, 100),
        (list, p) => {
          expect(quantilesOf(list).at(p)).toBe(nearestRank(list, p))
        },
      ),
    )
  })

  it('of more are within 0.4 % of them', () => {
    const random = seededRandom(3)
    for (const spread of [1, 10, 300]) {
      const list = Array.from({ length: 5000 }, () => (random.next() - 0.3) * 10 ** (random.next() * spread))
      const quantiles = quantilesOf(list)
      for (const p of [0, 1, 10, 50, 90, 99, 99.9, 100]) {
        const exact = nearestRank(list, p) as number
        expect(Math.abs((quantiles.at(p) as number) - exact)).toBeLessThanOrEqual(Math.abs(exact) * 0.004)
      }
      expect([quantiles.at(0), quantiles.at(100)]).toEqual([Math.min(...list), Math.max(...list)])
    }
  })

  it('are the same in any order, split and merge, however many there are', () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: 1, max: 1500 }), fc.integer())
    fc.assert(
      fc.property(sizes, ([first, second, seed]) => {
        const random = seededRandom(seed)
        const all = Array.from({ length: first + second }, () => (random.next() - 0.5) * 10 ** (random.next() * 20))
        const merged = quantilesOf(all.slice(first))
        merged.merge(quantilesOf(all.slice(0, first).reverse()))
        for (const p of [0, 10, 50, 99, 100]) expect(merged.at(p)).toBe(quantilesOf(all).at(p))
      }),
      { numRuns: 30 },
    )
  })
})

describe('a HyperLogLog', () => {
  const sketchOf = (from: number, to: number) => {
    const sketch = new HyperLogLog()
    for (let n = from; n < to; n++) sketch.add(String(n))
    return sketch
  }

  it('is exact up to 1,024 values', () => {
    for (const n of [0, 1, 100, 1024]) expect(sketchOf(0, n).count()).toBe(n)
  })

  it.each([1100, 3000, 10_000, 100_000, 1_000_000])('of %d values is within three standard errors', (n) => {
    expect(Math.abs(sketchOf(0, n).count() / n - 1)).toBeLessThan(3 * 0.016)
  })

  it('has the standard error that it says, over many sets', () => {
    const errors = Array.from({ length: 60 }, (_, set) => sketchOf(set * 1e6, set * 1e6 + 5000).count() / 5000 - 1)
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length)).toBeLessThan(0.02)
  })

  it('is the same in any split and merge', () => {
    for (const cut of [0, 500, 1200, 2900, 3000]) {
      const merged = sketchOf(cut, 3000)
      merged.merge(sketchOf(0, cut + 100 > 3000 ? 3000 : cut + 100))
      expect(merged.count()).toBe(sketchOf(0, 3000).count())
    }
  })

  it('counts the same for ever: state outlives upgrades', () => expect(sketchOf(0, 100_000).count()).toBe(100_745))
})

function cidrContains(): (network: string, address: string) => unknown {
  const { cidr_contains: contains } = functionTable({ random: seededRandom(1), tables: new Map() })
  return contains?.implementation as (network: string, address: string) => unknown
}

describe('$cidr_contains', () => {
  it('agrees with the block lists of Node', () => {
    const contains = cidrContains()
    const v4 = fc.ipV4()
    const v6 = fc.ipV6().filter((address) => !address.includes('.'))
    const cases = fc.oneof(
      fc.tuple(v4, fc.integer({ min: 0, max: 32 }), v4, fc.constant('ipv4' as const)),
      fc.tuple(v6, fc.integer({ min: 0, max: 128 }), v6, fc.constant('ipv6' as const)),
    )
    fc.assert(
      fc.property(cases, fc.integer({ min: 0, max: 3 }), ([network, length, other, family], near) => {
        const address = near === 0 ? other : network
        const list = new BlockList()
        list.addSubnet(network, length, family)
        expect(contains(`${network}/${length}`, address)).toBe(list.check(address, family))
      }),
    )
  })

  it.each([
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['::/0', '10.1.2.3', false],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['10.0.0.0/8', '010.1.2.3', undefined],
    ['fe80::/10', 'fe80::1%eth0', undefined],
    ['10.0.0.0/8', '', undefined],
  ])('%s and %s: %s', (network, address, result) => {
    const contains = cidrContains()
    expect(contains(network, address)).toBe(result)
  })
})
