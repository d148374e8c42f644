import type { KeyedState } from '../../../engine/plugin.ts'
import { emptyWindow, type Window } from './tally.ts'

/** A window that is over, or a stretch of them in which nothing came. */
export interface Closed {
  readonly start: number
  readonly end: number
  readonly window: Window
}

/** The open windows of one length, and where the next one begins that is to be told about. */
export class Windows {
  readonly #open: KeyedState<Window>
  readonly #next: KeyedState<number>
  readonly #every: number
  readonly #lateness: number
  readonly #checks: number

  constructor(
    open: KeyedState<Window>,
    next: KeyedState<number>,
    { every, lateness, checks }: { readonly every: number; readonly lateness: number; readonly checks: number },
  ) {
    this.#open = open
    this.#next = next
    this.#every = every
    this.#lateness = lateness
    this.#checks = checks
  }

  /** The window of a time; undefined when it was told about already. */
  take(time: number): Window | undefined {
    const start = Math.floor(time / this.#every) * this.#every
    const next = this.#next.get('start')
    // Before the first one is closed, an earlier record may still begin an earlier window.
    if (next === undefined || (start < next && !this.#hasClosed)) this.#next.set('start', start)
    else if (start < next) return undefined
    const name = String(start)
    const window = this.#open.get(name) ?? emptyWindow(this.#checks)
    if (window.records === 0) this.#open.set(name, window)
    else this.#open.touch(name)
    return window
  }

  /** When the next window is over; undefined before the first record. */
  get due(): number | undefined {
    const next = this.#next.get('start')
    return next === undefined ? undefined : next + this.#every + this.#lateness
  }

  /** The next window that is over at the watermark, or all empty ones up to the next that is not; undefined for none. */
  close(watermark: number): Closed | undefined {
    const start = this.#next.get('start')
    if (start === undefined || start + this.#every + this.#lateness > watermark) return undefined
    const window = this.#open.get(String(start))
    const end = window === undefined ? this.#endOfGap(start, watermark) : start + this.#every
    // At the end of input nothing is missed behind the last record.
    if (end === undefined) return undefined
    this.#open.delete(String(start))
    this.#next.set('start', end)
    this.#next.set('closed', 1)
    return { start, end, window: window ?? emptyWindow(this.#checks) }
  }

  get #hasClosed(): boolean {
    return this.#next.get('closed') !== undefined
  }

  #endOfGap(start: number, watermark: number): number | undefined {
    const starts = [...this.#open.entries()].map(([name]) => Number(name)).filter((one) => one > start)
    const over = Math.floor((watermark - this.#lateness) / this.#every) * this.#every
    const end = Math.min(over, ...starts)
    return Number.isFinite(end) ? end : undefined
  }
}
