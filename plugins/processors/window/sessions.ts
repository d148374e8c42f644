import { TimeHeap } from '../../shared/time-heap.ts'
import type { EarlyResults } from './early.ts'
import { NONE, type Rows } from './rows.ts'
import { byKey, type Closing, FULL, LATE, type Windows } from './windows.ts'

export interface SessionParts {
  readonly gap: number
  readonly rows: Rows
  readonly early: EarlyResults
  readonly lateness: number
}

/**
 * Windows that last as long as their key keeps coming. A session is from its first record to its last one plus the gap,
 * the end excluded; a record that lies within it, or a gap before it, belongs to it and may lengthen it, and one that
 * lies between two joins them.
 */
export class Sessions implements Windows {
  readonly #parts: SessionParts
  /** Sessions by an end that they had: one that has moved on is put back when it comes up. */
  readonly #ends = new TimeHeap()
  /** By row, the end under which it is in the heap; what else is there of the row is of a session that is gone. */
  readonly #queued: number[] = []

  constructor(parts: SessionParts) {
    this.#parts = parts
    for (const row of parts.rows.all()) this.#queue(row)
  }

  get due(): number {
    return Math.min(this.#ends.earliest + this.#parts.lateness, this.#parts.early.due)
  }

  isDue(watermark: number): boolean {
    return this.due <= watermark && this.due !== Number.POSITIVE_INFINITY
  }

  place(key: string, timestamp: number, watermark: number): number {
    const { gap, rows, lateness } = this.#parts
    const end = timestamp + gap
    const head = rows.first(key)
    let newer = head
    while (newer !== NONE && (rows.start[newer] as number) >= end) newer = rows.next(newer)
    if (newer === NONE || (rows.end[newer] as number) <= timestamp) {
      if (end + lateness <= watermark) return LATE
      if (!rows.hasRoomFor(key)) return FULL
      const row = rows.open(key, head, timestamp, end)
      this.#queue(row)
      return row
    }
    if (!rows.hasRoom) return FULL
    const older = rows.next(newer)
    const row = older !== NONE && (rows.end[older] as number) > timestamp ? this.#join(older, newer) : newer
    if (timestamp < (rows.start[row] as number)) rows.start[row] = timestamp
    if (end > (rows.end[row] as number)) rows.end[row] = end
    return row
  }

  taken(row: number, timestamp: number, watermark: number): void {
    this.#parts.early.changed(row, timestamp, watermark)
  }

  *close(watermark: number): Generator<Closing, void> {
    const { early, lateness } = this.#parts
    if (watermark === Number.POSITIVE_INFINITY) early.forget()
    for (;;) {
      const closing = this.#ends.earliest + lateness
      if (early.due < closing && early.due <= watermark) yield* early.results((rows) => this.#openSessions(rows))
      else if (closing !== Number.POSITIVE_INFINITY && closing <= watermark) yield* this.#closeSessions()
      else return
    }
  }

  /** Those that end first. */
  *#closeSessions(): Generator<Closing, void> {
    const { rows } = this.#parts
    const end = this.#ends.earliest
    const ended: number[] = []
    while (this.#ends.earliest === end) {
      const row = this.#ends.pop()
      if (this.#queued[row] !== end) continue
      this.#queued[row] = Number.NaN
      if (rows.end[row] === end) ended.push(row)
      else this.#queue(row)
    }
    for (const row of byKey(ended, rows)) {
      yield { key: rows.keys[row] as string, start: rows.start[row] as number, end, row, isFinal: true }
      rows.close(row)
    }
  }

  *#openSessions(changed: readonly number[]): Generator<Closing, void> {
    const { rows } = this.#parts
    const sorted = byKey(changed, rows).toSorted((a, b) => (rows.end[a] as number) - (rows.end[b] as number))
    for (const row of sorted) {
      const [start, end] = [rows.start[row] as number, rows.end[row] as number]
      yield { key: rows.keys[row] as string, start, end, row, isFinal: false }
    }
  }

  #queue(row: number): void {
    const end = this.#parts.rows.end[row] as number
    this.#queued[row] = end
    this.#ends.push(end, row)
  }

  /** The two become the older one. */
  #join(older: number, newer: number): number {
    const { rows } = this.#parts
    rows.merge(older, newer)
    rows.end[older] = rows.end[newer] as number
    this.#queued[newer] = Number.NaN
    rows.close(newer)
    return older
  }
}
