import { expect, it } from 'vitest'
import { verifyKills } from './verify.ts'

it('a deduplicated, joined and windowed pipeline writes what an undisturbed run writes, wherever it is killed', {
  timeout: 180_000,
}, async () => {
  const report = await verifyKills({ kills: 10, orders: 2_000, seed: 3 }, () => {})
  expect(report.differences).toEqual([])
  // A vacuous run proves nothing.
  expect(report.killed).toBe(10)
  expect(report.killedEarly).toBeGreaterThan(0)
  expect(Object.values(report.lines).every((lines) => lines > 5)).toBe(true)
})
