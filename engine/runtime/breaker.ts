import type { Clock } from '../clock.ts'
import { StreamrunError } from '../errors.ts'

/** When a pipeline stops because too much fails: see `dead_letters.breaker`. */
export interface BreakerLimits {
  readonly share: number
  readonly records: number
  /** Milliseconds that it looks back. */
  readonly window: number
}

/**
 * Stops a pipeline in which most records fail: a wrong definition then ends with a message instead of filling the
 * disk with dead letters. Looks back over a window of time in steps of a tenth of it.
 */
export class Breaker {
  readonly #limits: BreakerLimits
  readonly #clock: Clock
  #steps: { readonly at: number; read: number; failed: number }[] = []

  constructor(limits: BreakerLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Counts a batch; throws SR_BREAKER when it is one failure too many. */
  count(read: number, failed: number): void {
    const step = this.#currentStep()
    step.read += read
    step.failed += failed
    if (failed > 0) this.#judge()
  }

  #currentStep(): { read: number; failed: number } {
    const now = this.#clock.monotonic()
    const last = this.#steps.at(-1)
    if (last !== undefined && now - last.at < this.#limits.window / 10) return last
    const step = { at: now, read: 0, failed: 0 }
    this.#steps = [...this.#steps.filter(({ at }) => now - at < this.#limits.window), step]
    return step
  }

  #judge(): void {
    const read = this.#steps.reduce((sum, step) => sum + step.read, 0)
    const failed = this.#steps.reduce((sum, step) => sum + step.failed, 0)
    const { share, records } = this.#limits
    if (read < records || failed <= share * read) return
    throw new StreamrunError(
      'SR_BREAKER',
      `${failed} of the last ${read} records failed; see the dead letters for the reasons`,
    )
  }
}
