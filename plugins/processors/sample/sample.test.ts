import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runProcessor } from '../../../test/contract/index.ts'
import sample from './index.ts'
import { shareOf } from './share.ts'

const VALUES = Array.from({ length: 2000 }, (_, n) => ({ n, user: n % 200 }))

describe('sample', () => {
  it('lets about the share pass that it should, the same records in every run', async () => {
    const [first, second] = await Promise.all([0, 1].map(() => runProcessor(sample, { share: 0.1 }, VALUES)))
    expect(first?.values).toEqual(second?.values)
    expect(first?.values.length).toBeGreaterThan(140)
    expect(first?.values.length).toBeLessThan(260)
    expect(first?.counts).toEqual([['dropped', 2000 - (first?.values.length ?? 0)]])
  })

  it('lets all records of a key pass, or none', async () => {
    const { values } = await runProcessor(sample, { share: 0.3, by: 'user' }, VALUES)
    const users = new Set(values.map((value) => (value as { user: number }).user))
    expect(values).toEqual(VALUES.filter(({ user }) => users.has(user)))
    expect(users.size).toBeGreaterThan(30)
    expect(users.size).toBeLessThan(90)
  })

  it('picks others with another seed, everything with 1 and nothing with 0', async () => {
    const [one, other] = await Promise.all([1, 2].map((seed) => runProcessor(sample, { share: 0.5, seed }, VALUES)))
    expect(one?.values).not.toEqual(other?.values)
    expect((await runProcessor(sample, { share: 1 }, VALUES)).values).toEqual(VALUES)
    expect((await runProcessor(sample, { share: 0 }, VALUES)).values).toEqual([])
  })

  it('spreads texts that differ in little evenly', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (prefix, seed) => {
        const shares = Array.from({ length: 1000 }, (_, n) => shareOf(`${prefix}${n}`, seed))
        const below = (limit: number) => shares.filter((share) => share < limit).length
        for (const limit of [0.1, 0.5, 0.9]) expect(Math.abs(below(limit) - 1000 * limit)).toBeLessThan(110)
        expect(shares.every((share) => share >= 0 && share < 1)).toBe(true)
      }),
    )
  })
})
