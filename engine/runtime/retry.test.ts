import { describe, expect, it } from 'vitest'
import { GaveUpError, retryable } from '../errors.ts'
import { ComponentMetrics } from '../observe/metrics.ts'
import { seededRandom } from '../random.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { type RetryParts, withRetries } from './retry.ts'

function setUp(attempts?: number) {
  const clock = manualClock()
  const stopping = new AbortController()
  const said: string[] = []
  const parts: RetryParts = {
    component: 'sink',
    retry: { attempts, delay: 100, maxDelay: 1000 },
    clock,
    random: seededRandom(1),
    metrics: new ComponentMetrics('sink', 'sink'),
    health: { degraded: (reason) => said.push(reason), ok: () => said.push('ok') },
    stopping: stopping.signal,
  }
  return { clock, stopping, said, parts }
}

/** Lets what is ready run; timers only fire when the clock is moved. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('withRetries', () => {
  it('calls again until the fault has passed, and says so once it has', async () => {
    const { clock, said, parts } = setUp()
    let calls = 0
    const result = withRetries(parts, async () => {
      calls += 1
      if (calls < 4) throw retryable('disk full')
      return 'done'
    })
    for (let step = 0; step < 3; step++) {
      await turn()
      clock.advance(1000)
    }
    await expect(result).resolves.toBe('done')
    expect(said).toEqual(['disk full', 'disk full', 'disk full', 'ok'])
    expect(parts.metrics.get('retries')).toBe(3)
  })

  it('waits longer each time, up to the longest delay', async () => {
    const { clock, stopping, parts } = setUp()
    const calls: number[] = []
    const result = withRetries(parts, async () => {
      calls.push(clock.monotonic())
      throw retryable('away')
    })
    result.catch(() => {})
    for (let step = 0; step < 20_000; step += 10) {
      await turn()
      clock.advance(10)
    }
    const waits = calls.slice(1).map((at, index) => at - (calls[index] ?? 0))
    expect(waits[0]).toBeLessThanOrEqual(110)
    expect(waits.slice(4).every((wait) => wait >= 500 && wait <= 1010)).toBe(true)
    stopping.abort()
    await expect(result).rejects.toBeInstanceOf(GaveUpError)
  })

  it('stops the pipeline after the attempts that the definition allows', async () => {
    const { clock, parts } = setUp(2)
    const result = withRetries(parts, () => Promise.reject(retryable('away')))
    const expected = expect(result).rejects.toMatchObject({ code: 'SR_RETRY_EXHAUSTED' })
    await turn()
    clock.advance(1000)
    await expected
  })

  it('gives up when the pipeline stops, so that a full disk cannot hold up a shutdown', async () => {
    const { stopping, parts } = setUp()
    const result = withRetries(parts, () => Promise.reject(retryable('disk full')))
    stopping.abort()
    await expect(result).rejects.toThrow('stopped while sink was waiting (disk full)')
  })

  it('does not repeat what cannot pass', async () => {
    const { parts } = setUp()
    await expect(withRetries(parts, () => Promise.reject(new Error('defect')))).rejects.toThrow('defect')
    expect(parts.metrics.get('retries')).toBe(0)
  })
})
