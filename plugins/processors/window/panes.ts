import type { KeyedState } from '../../../engine/plugin.ts'
import { type EarlyResults, insertSorted } from './early.ts'
import type { Grid } from './grid.ts'
import { NONE, type Rows } from './rows.ts'
import { byKey, type Closing, FULL, LATE, type Windows, wholeOf } from './windows.ts'

export interface PaneParts {
  readonly grid: Grid
  readonly rows: Rows
  readonly early: EarlyResults
  readonly lateness: number
  /** For how many windows in a row a key without records has results all the same. */
  readonly fill: number
  /** Remembers up to which end windows are closed. */
  readonly progress: KeyedState<number>
}

/**
 * Windows on a grid: a record goes into the one row of its key and pane, however many windows hold the pane, and a window
 * is the merge of its panes. Nothing is done for a window without records, however long a gap is (WI-10).
 */
export class Panes implements Windows {
  readonly #parts: PaneParts
  /** The rows of each pane that has any, and the starts of these panes in ascending order. */
  readonly #rowsOf = new Map<number, number[]>()
  readonly #starts: number[] = []
  /** Windows that end by then are closed. */
  #closed: number
  /** The end of the window to be closed next; Infinity when there is none. */
  #nextEnd = Number.POSITIVE_INFINITY
  /** The keys, in their order, whose results of the window that is being closed have left: 0 between two windows. */
  #told: number
  /** A crash came while windows were closed. If it was the end of input that closed them, more may come after all. */
  #mayGoOn: boolean
  /** The pane of the last record, for the next one is mostly in it too. */
  #pane = { start: Number.NaN, end: Number.NaN, lastEnd: Number.NaN }

  constructor(parts: PaneParts) {
    this.#parts = parts
    this.#closed = parts.progress.get(ENDED) ?? parts.progress.get(CLOSED) ?? Number.NEGATIVE_INFINITY
    this.#told = parts.progress.get(TOLD) ?? 0
    this.#mayGoOn = parts.progress.get(ENDED) !== undefined || this.#told > 0
    for (const row of parts.rows.all()) this.#listOf(parts.rows.start[row] as number).push(row)
    this.#lookAhead()
  }

  get due(): number {
    return Math.min(this.#nextEnd + this.#parts.lateness, this.#parts.early.due)
  }

  isDue(watermark: number): boolean {
    return this.due <= watermark && this.due !== Number.POSITIVE_INFINITY
  }

  place(key: string, timestamp: number, watermark: number): number {
    const { rows, lateness } = this.#parts
    if (this.#mayGoOn) this.#forgetEnd()
    const { start, end, lastEnd } = this.#paneOf(timestamp)
    if (lastEnd + lateness <= watermark || lastEnd <= this.#closed) return LATE
    const head = rows.first(key)
    let row = head
    while (row !== NONE && (rows.start[row] as number) > start) row = rows.next(row)
    if (row !== NONE && rows.start[row] === start) return rows.hasRoom ? row : FULL
    if (!rows.hasRoomFor(key)) return FULL
    row = rows.open(key, head, start, end)
    if (!this.#rowsOf.has(start)) this.#passOver(start, watermark - lateness)
    this.#listOf(start).push(row)
    this.#nextEnd = Math.min(this.#nextEnd, this.#endAfter(start))
    return row
  }

  taken(row: number, timestamp: number, watermark: number): void {
    this.#parts.early.changed(row, timestamp, watermark)
  }

  *close(watermark: number): Generator<Closing, void> {
    const { early, lateness, progress } = this.#parts
    if (watermark === Number.POSITIVE_INFINITY) early.forget()
    for (;;) {
      const closing = this.#nextEnd + lateness
      if (early.due < closing && early.due <= watermark) yield* early.results((rows) => this.#openWindows(rows))
      else if (this.#starts.length > 0 && closing <= watermark) yield* this.#closeWindow(this.#nextEnd, watermark)
      else break
    }
    // What the end of input closes is not remembered: more records may come with the next start.
    if (progress.get(ENDED) === undefined) return
    progress.delete(ENDED)
    progress.delete(CLOSED)
  }

  /** What it has closed may come again, as it says. */
  #forgetEnd(): void {
    const { progress } = this.#parts
    this.#mayGoOn = false
    this.#tell(0)
    if (progress.get(ENDED) === undefined) return
    progress.delete(ENDED)
    this.#closed = progress.get(CLOSED) ?? Number.NEGATIVE_INFINITY
    this.#lookAhead()
  }

  *#closeWindow(end: number, watermark: number): Generator<Closing, void> {
    const { grid, rows } = this.#parts
    const start = grid.startOf(end)
    if (grid.paneEnd(start) === end) {
      for (const row of byKey(this.#rowsOf.get(start) ?? [], rows)) {
        yield { key: rows.keys[row] as string, start, end, row, isFinal: true }
        if (watermark !== Number.POSITIVE_INFINITY) this.#fillNext(row, end)
        rows.close(row)
      }
      this.#rowsOf.delete(start)
      this.#starts.shift()
    } else yield* this.#mergeWindow(start, end)
    this.#moveOn(end, watermark)
  }

  /** A row without records in the window that begins at `start`, if the key has none there and is to have a result. */
  #fillNext(row: number, start: number): void {
    const { rows, grid, fill } = this.#parts
    const missed = Math.max(0, -(rows.records[row] as number)) + 1
    if (missed > fill) return
    const key = rows.keys[row] as string
    const head = rows.first(key)
    for (let other = head; other !== NONE; other = rows.next(other)) if (rows.start[other] === start) return
    const filled = rows.open(key, head, start, grid.paneEnd(start))
    rows.records[filled] = -missed
    this.#listOf(start).push(filled)
  }

  *#mergeWindow(start: number, end: number): Generator<Closing, void> {
    const { rows } = this.#parts
    const keys = new Set<string>()
    for (const pane of this.#starts) {
      if (pane >= end) break
      for (const row of this.#rowsOf.get(pane) ?? []) keys.add(rows.keys[row] as string)
    }
    const sorted = [...keys].sort()
    while (this.#told < sorted.length) {
      yield* this.#merged(sorted[this.#told] as string, start, end, true)
      this.#tell(this.#told + 1)
    }
    this.#tell(0)
  }

  /** Its panes are held for later windows: that the results of so many keys have left is kept beside them. */
  #tell(keys: number): void {
    const { progress } = this.#parts
    this.#told = keys
    if (keys === 0) progress.delete(TOLD)
    else progress.set(TOLD, keys)
  }

  /** The window of one key, merged from its panes. */
  *#merged(key: string, start: number, end: number, isFinal: boolean): Generator<Closing, void> {
    const { rows } = this.#parts
    const panes: number[] = []
    for (let row = rows.first(key); row !== NONE && (rows.start[row] as number) >= start; row = rows.next(row)) {
      if ((rows.start[row] as number) < end) panes.push(row)
    }
    yield* wholeOf(rows, panes, { key, start, end, isFinal })
  }

  /** Results of the windows that hold these panes and are not complete. */
  *#openWindows(changed: readonly number[]): Generator<Closing, void> {
    const { grid, rows } = this.#parts
    const keysOf = new Map<number, Set<string>>()
    for (const row of changed) {
      const pane = rows.start[row] as number
      for (let end = this.#endAfter(pane); end <= grid.lastEnd(pane); end = grid.endAfter(end)) {
        keysOf.set(end, (keysOf.get(end) ?? new Set()).add(rows.keys[row] as string))
      }
    }
    for (const [end, keys] of [...keysOf].sort(([a], [b]) => a - b)) {
      for (const key of [...keys].sort()) yield* this.#merged(key, grid.startOf(end), end, false)
    }
  }

  /** Windows of a new pane whose time was over before it had a record are not open to it. */
  #passOver(pane: number, over: number): void {
    const { grid, progress } = this.#parts
    if (over <= this.#closed || grid.endAfter(pane) > over) return
    this.#closed = over
    progress.set(CLOSED, over)
  }

  /** The window is closed, and with it the panes that no later one holds. */
  #moveOn(end: number, watermark: number): void {
    const { grid, rows, progress } = this.#parts
    this.#closed = end
    progress.set(watermark === Number.POSITIVE_INFINITY ? ENDED : CLOSED, end)
    for (let pane = this.#starts[0]; pane !== undefined && grid.lastEnd(pane) <= end; pane = this.#starts[0]) {
      for (const row of this.#rowsOf.get(pane) ?? []) rows.close(row)
      this.#rowsOf.delete(pane)
      this.#starts.shift()
    }
    this.#lookAhead()
  }

  #lookAhead(): void {
    const [first] = this.#starts
    this.#nextEnd = first === undefined ? Number.POSITIVE_INFINITY : this.#endAfter(first)
  }

  /** The end of the first open window that holds the pane. */
  #endAfter(pane: number): number {
    return this.#parts.grid.endAfter(Math.max(pane, this.#closed))
  }

  #paneOf(timestamp: number) {
    if (!(timestamp >= this.#pane.start && timestamp < this.#pane.end)) {
      const { grid } = this.#parts
      const start = grid.paneAt(timestamp)
      this.#pane = { start, end: grid.paneEnd(start), lastEnd: grid.lastEnd(start) }
    }
    return this.#pane
  }

  #listOf(start: number): number[] {
    const list = this.#rowsOf.get(start) ?? []
    if (list.length === 0 && !this.#rowsOf.has(start)) {
      this.#rowsOf.set(start, list)
      insertSorted(this.#starts, start)
    }
    return list
  }
}

const CLOSED = 'closed'
/** The same while the end of input closes them. */
const ENDED = 'ended'
const TOLD = 'told'
