import { type Clock, sleep } from '../clock.ts'
import type { Retry } from '../config/definition.ts'
import { GaveUpError, RetryableError, StreamrunError } from '../errors.ts'
import type { ComponentMetrics } from '../observe/metrics.ts'
import type { Health } from '../plugin.ts'
import type { Random } from '../random.ts'

export interface RetryParts {
  readonly component: string
  readonly retry: Retry
  readonly clock: Clock
  readonly random: Random
  readonly metrics: ComponentMetrics
  readonly health: Health
  /** Aborted when the pipeline is to end: a fault is then not waited out. */
  readonly stopping: AbortSignal
}

/** Calls until the call succeeds, or fails with anything but a `RetryableError`; without end unless told otherwise. */
export async function withRetries<T>(parts: RetryParts, call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await call()
      if (attempt > 1) parts.health.ok()
      return result
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
      await waitForNext(parts, error, attempt)
    }
  }
}

async function waitForNext(parts: RetryParts, error: RetryableError, attempt: number): Promise<void> {
  const { component, retry, stopping } = parts
  parts.metrics.add('retries', 1)
  parts.health.degraded(error.message)
  if (retry.attempts !== undefined && attempt >= retry.attempts) {
    const message = `${component}: ${error.message}, after ${attempt} attempts`
    throw new StreamrunError('SR_RETRY_EXHAUSTED', message, { component, cause: error })
  }
  if (stopping.aborted) throw new GaveUpError(component, error.message)
  // Jitter on the upper half: many pipelines that wait for one server do not all come back at once.
  const delay = Math.min(retry.maxDelay, retry.delay * 2 ** (attempt - 1))
  await sleep(parts.clock, delay * (0.5 + parts.random.next() / 2), stopping)
  if (stopping.aborted) throw new GaveUpError(component, error.message)
}
