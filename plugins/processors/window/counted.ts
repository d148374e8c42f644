import type { EarlyResults } from './early.ts'
import { commonDivisor } from './grid.ts'
import { NONE, type Rows } from './rows.ts'
import { byKey, type Closing, FULL, type Windows, wholeOf } from './windows.ts'

export interface CountedParts {
  readonly count: number
  readonly slide: number
  readonly rows: Rows
  readonly early: EarlyResults
}

/**
 * Windows of so many records of a key, in the order in which they come: no time closes one, so that no record is late for
 * it. A window is from the time of its oldest record to a millisecond after that of its newest; one that has begun when the
 * input ends is shorter. Overlapping ones share panes, rows of as many records as no window divides; the oldest row of a
 * key is always the first of its next window.
 */
export class Counted implements Windows {
  readonly #parts: CountedParts
  readonly #pane: number
  /** Keys whose window is full. */
  readonly #full: string[] = []

  constructor(parts: CountedParts) {
    this.#parts = parts
    this.#pane = commonDivisor(parts.count, parts.slide)
  }

  get due(): number {
    return this.#full.length > 0 ? Number.NEGATIVE_INFINITY : this.#parts.early.due
  }

  isDue(watermark: number): boolean {
    if (watermark === Number.POSITIVE_INFINITY) return !this.#parts.rows.isEmpty
    return this.due <= watermark
  }

  place(key: string, timestamp: number): number {
    const { rows } = this.#parts
    const newest = rows.first(key)
    if (newest === NONE || (rows.records[newest] as number) >= this.#pane) {
      return rows.hasRoomFor(key) ? rows.open(key, newest, timestamp, timestamp + 1, true) : FULL
    }
    if (!rows.hasRoom) return FULL
    if (timestamp < (rows.start[newest] as number)) rows.start[newest] = timestamp
    if (timestamp >= (rows.end[newest] as number)) rows.end[newest] = timestamp + 1
    return newest
  }

  taken(row: number, timestamp: number, watermark: number): void {
    const { count, rows, early } = this.#parts
    const key = rows.keys[row] as string
    const isFull = (rows.records[row] as number) >= this.#pane && this.#panesOf(key).length >= count / this.#pane
    if (isFull) this.#full.push(key)
    else early.changed(row, timestamp, watermark)
  }

  *close(watermark: number): Generator<Closing, void> {
    const { early } = this.#parts
    for (let key = this.#full.shift(); key !== undefined; key = this.#full.shift()) {
      const panes = this.#panesOf(key)
      yield* this.#whole(key, panes, true)
      this.#dropOldest(panes)
    }
    if (watermark === Number.POSITIVE_INFINITY) yield* this.#closeAll()
    else while (early.due <= watermark) yield* early.results((rows) => this.#openWindows(rows))
  }

  *#closeAll(): Generator<Closing, void> {
    const { rows, early } = this.#parts
    early.forget()
    for (const row of byKey([...rows.heads()], rows)) {
      const key = rows.keys[row] as string
      for (let panes = this.#panesOf(key); panes.length > 0; panes = this.#panesOf(key)) {
        yield* this.#whole(key, panes, true)
        this.#dropOldest(panes)
      }
    }
  }

  *#openWindows(changed: readonly number[]): Generator<Closing, void> {
    const { rows } = this.#parts
    const keys = new Set(byKey(changed, rows).map((row) => rows.keys[row] as string))
    for (const key of keys) yield* this.#whole(key, this.#panesOf(key), false)
  }

  #whole(key: string, panes: readonly number[], isFinal: boolean): Generator<Closing, void> {
    const { rows } = this.#parts
    const start = Math.min(...panes.map((pane) => rows.start[pane] as number))
    const end = Math.max(...panes.map((pane) => rows.end[pane] as number))
    return wholeOf(rows, panes, { key, start, end, isFinal })
  }

  /** The next window begins behind them. */
  #dropOldest(panes: readonly number[]): void {
    const { rows, slide } = this.#parts
    for (const pane of panes.slice(-slide / this.#pane)) rows.close(pane)
  }

  /** The newest first. */
  #panesOf(key: string): readonly number[] {
    const { rows } = this.#parts
    const panes: number[] = []
    for (let row = rows.first(key); row !== NONE; row = rows.next(row)) panes.push(row)
    return panes
  }
}
