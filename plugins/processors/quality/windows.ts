import type { KeyedState } from '../../../engine/plugin.ts'
import { emptyWindow, type Window } from './tally.ts'

/** A window that is over. */
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

  /**
   * The next window that is over at the watermark; undefined for none. Of a stretch of empty ones that is the first alone,
   * which is known at once and however time goes on: where the stretch ends is not.
   */
  close(watermark: number): Closed | undefined {
    this.#passEmpty(watermark)
    const start = this.#next.get('start')
    if (start === undefined || start + this.#every + this.#lateness > watermark) return undefined
    const window = this.#open.get(String(start))
    // At the end of input nothing is missed behind the last record.
    if (window === undefined && watermark === Number.POSITIVE_INFINITY && this.#open.size === 0) return undefined
    const end = start + this.#every
    this.#open.delete(String(start))
    this.#next.set('start', end)
    this.#next.set('closed', 1)
    if (window === undefined) this.#next.set('empty', 1)
    else this.#next.delete('empty')
    return { start, end, window: window ?? emptyWindow(this.#checks) }
  }

  /** Moves on to the next window with records, or to where the watermark is, when a stretch of empty ones was told about. */
  #passEmpty(watermark: number): void {
    const start = this.#next.get('start')
    if (start === undefined || this.#next.get('empty') === undefined) return
    const over = Math.floor((watermark - this.#lateness) / this.#every) * this.#every
    const end = Math.min(over, ...[...this.#open.entries()].map(([name]) => Number(name)))
    if (end > start && Number.isFinite(end)) this.#next.set('start', end)
  }

  get #hasClosed(): boolean {
    return this.#next.get('closed') !== undefined
  }
}
