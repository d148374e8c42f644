import { describe, expect, it } from 'vitest'
import { manualClock } from '../trial/manual-clock.ts'
import { Breaker } from './breaker.ts'

const LIMITS = { share: 0.5, records: 1000, window: 60_000 }

describe('Breaker', () => {
  it('stops the pipeline when more than the share of enough records failed', () => {
    const breaker = new Breaker(LIMITS, manualClock())
    breaker.count(1000, 500)
    expect(() => breaker.count(2, 2)).toThrow(expect.objectContaining({ code: 'SR_BREAKER' }))
  })

  it('lets a few records fail, all of them if need be', () => {
    const breaker = new Breaker(LIMITS, manualClock())
    expect(() => breaker.count(999, 999)).not.toThrow()
  })

  it('forgets what lies before its window', () => {
    const clock = manualClock()
    const breaker = new Breaker(LIMITS, clock)
    breaker.count(999, 999)
    clock.advance(61_000)
    expect(() => breaker.count(10, 10)).not.toThrow()
  })
})
