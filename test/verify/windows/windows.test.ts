import { describe, expect, it } from 'vitest'
import { isDuckDbInstalled } from './installed.ts'
import { nearest } from './nearest.ts'
import { verifyWindows } from './verify.ts'

describe('windows', async () => {
  it.skipIf(!(await isDuckDbInstalled()))(
    'have the results and the late records that DuckDB works out from the same file',
    async () => {
      const verdicts = await verifyWindows({ records: 20_000, seed: 7 }, () => {})
      expect(verdicts.map(({ name, difference }) => ({ name, difference }))).toEqual([
        { name: 'tumbling', difference: undefined },
        { name: 'sliding', difference: undefined },
        { name: 'overlapping', difference: undefined },
        { name: 'session', difference: undefined },
      ])
      for (const { results, late } of verdicts) expect([results > 3000, late > 100]).toEqual([true, true])
    },
  )
})

describe('nearest', () => {
  it.each([
    [1n, 3n, 1 / 3],
    [-2n, 3n, -2 / 3],
    [0n, 7n, 0],
    [9_007_199_254_740_993n, 1n, 9_007_199_254_740_992],
    [9_007_199_254_740_993n * 2n + 1n, 2n, 9_007_199_254_740_994],
    [10n ** 40n, 10n ** 30n, 1e10],
  ])('of %d / %d is %d', (numerator, denominator, expected) => {
    expect(nearest(numerator, denominator)).toBe(expected)
  })
})
