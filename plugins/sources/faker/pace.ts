import { type Clock, sleep } from '../../../engine/plugin.ts'

/**
 * Says how many records are due at a rate. A delay of the timer is made up for; a pause, in which the pipeline had no
 * room or the machine slept, is not: the records of a pause were never due.
 */
export class Pace {
  readonly #clock: Clock
  /** Milliseconds from one record to the next. */
  readonly #gap: number
  /** When the next record is due, by the monotonic clock. */
  #next: number

  /** `rate` in records per second; the first is due at once. */
  constructor(rate: number, clock: Clock) {
    this.#clock = clock
    this.#gap = 1000 / rate
    this.#next = clock.monotonic()
  }

  /** Resolves with how many records are due, from 1 up to `most`, when one is; or when `signal` is aborted. */
  async due(most: number, signal: AbortSignal): Promise<number> {
    const early = this.#next - this.#clock.monotonic()
    // At high rates several at a time: a timer for each would be late for all of them.
    if (early > 0) await sleep(this.#clock, Math.max(early, SHORTEST_WAIT_MS), signal)
    const now = this.#clock.monotonic()
    if (now - this.#next > LONGEST_DELAY_MS) this.#next = now
    const late = Math.floor((now - this.#next) / this.#gap + ROUNDING)
    const count = Math.max(1, Math.min(most, 1 + late))
    this.#next += count * this.#gap
    return count
  }

  /** Another record is due already. */
  get isBehind(): boolean {
    return this.#next <= this.#clock.monotonic()
  }
}

const SHORTEST_WAIT_MS = 10
const LONGEST_DELAY_MS = 100
/** A record that is due now must not come out as due a moment later. */
const ROUNDING = 1e-6
