import type { Json, KeyedState, ProcessorContext } from '../../../engine/plugin.ts'
import { grown } from '../../shared/columns.ts'
import type { Running } from './aggregates/running.ts'

export interface RowLimits {
  readonly keys: number
  readonly bytes: number
}

/**
 * The running states of all open windows: one row for each key and pane (or session), in columns instead of objects, so
 * that a million of them are a few large arrays. The rows of one key are chained, the newest first; the state that goes
 * into checkpoints has one entry per key, which in memory is no more than the number of the first row of its chain.
 */
export class Rows {
  /** Of a pane its bounds; of a session its first record, and its last one plus the gap. */
  start = new Float64Array(0)
  end = new Float64Array(0)
  /** How many records it has taken; without any, less than 0: how many windows of its key had none in a row. */
  records = new Float64Array(0)
  /** When its early result is due; NaN for none. */
  early = new Float64Array(0)
  readonly keys: string[] = []
  readonly running: readonly Running[]
  /** Roughly what all of it takes in memory. */
  bytes = 0
  readonly #state: KeyedState<number>
  readonly #rowBytes: number
  readonly #limits: RowLimits
  readonly #grows: boolean
  #next = new Int32Array(0)
  /**
   * 1 while the key of the row is among the changed ones: whoever changes a row again need not say so again. Taken back
   * where the state is written, which is at each cut.
   */
  #touched = new Uint8Array(0)
  /** 1 for the first row of its chain: to take it out, nobody needs to look for it. */
  #isHead = new Uint8Array(0)
  #used = 0
  /** The newest of the rows that nobody has, which are chained too, and how many they are. */
  #free = NONE
  #freed = 0

  constructor(context: Pick<ProcessorContext, 'state'>, running: readonly Running[], limits: RowLimits) {
    this.running = running
    this.#limits = limits
    this.#grows = running.some(({ grows }) => grows)
    this.#rowBytes = ROW_BYTES + running.reduce((sum, { rowBytes }) => sum + rowBytes, 0)
    this.#state = context.state<number>('windows', {
      encode: (head) => this.#encode(head),
      decode: (kept) => this.#decode(kept as readonly (readonly Json[])[]),
    })
    for (const [key, head] of this.#state.entries()) {
      this.bytes += keyBytes(key)
      for (let row = head; row !== NONE; row = this.next(row)) this.keys[row] = key
    }
  }

  /** Whether there may be one more row of this key. */
  hasRoomFor(key: string): boolean {
    if (this.bytes >= this.#limits.bytes) return false
    return this.#state.size < this.#limits.keys || this.#state.get(key) !== undefined
  }

  /** Whether the rows that are there may take one more record. */
  get hasRoom(): boolean {
    return !this.#grows || this.bytes < this.#limits.bytes
  }

  /** The newest row of a key, or `NONE`. */
  first(key: string): number {
    return this.#state.get(key) ?? NONE
  }

  next(row: number): number {
    return this.#next[row] as number
  }

  get isEmpty(): boolean {
    return this.#state.size === 0
  }

  /** The newest row of each key. */
  *heads(): Generator<number> {
    for (const [, head] of this.#state.entries()) yield head
  }

  /** All rows, key by key in the order in which the keys came. */
  *all(): Generator<number> {
    for (const [, head] of this.#state.entries()) {
      for (let row = head; row !== NONE; row = this.next(row)) yield row
    }
  }

  /**
   * A new row of the key, whose first row is `head`: the newest of all, or in its chain before the first one that starts no
   * later.
   */
  open(key: string, head: number, start: number, end: number, isNewest = false): number {
    const row = this.scratch()
    this.start[row] = start
    this.end[row] = end
    // The text of the key is kept once: rows share the one that the state has.
    this.keys[row] = head === NONE ? key : (this.keys[head] as string)
    this.bytes += head === NONE ? this.#rowBytes + keyBytes(key) : this.#rowBytes
    if (head === NONE || isNewest || (this.start[head] as number) <= start) {
      this.#next[row] = head
      this.#isHead[row] = 1
      if (head !== NONE) this.#isHead[head] = 0
      this.#state.set(key, row)
      this.#touched[row] = 1
    } else {
      let before = head
      while (this.next(before) !== NONE && (this.start[this.next(before)] as number) > start) before = this.next(before)
      this.#next[row] = this.next(before)
      this.#next[before] = row
      this.touch(row)
    }
    return row
  }

  /** The row was changed in place. */
  touch(row: number): void {
    if (this.#touched[row] === 1) return
    this.#touched[row] = 1
    this.#state.touch(this.keys[row] as string)
  }

  /** Takes the row out of its chain and frees it. */
  close(row: number): void {
    const key = this.keys[row] as string
    if (this.#isHead[row] === 0) {
      let before = this.#state.get(key) as number
      while (this.next(before) !== row) before = this.next(before)
      this.#next[before] = this.next(row)
      this.#touched[row] = 0
      this.#state.touch(key)
    } else if (this.next(row) === NONE) {
      this.#state.delete(key)
      this.bytes -= keyBytes(key)
    } else {
      this.#isHead[this.next(row)] = 1
      this.#state.set(key, this.next(row))
    }
    this.bytes -= this.#rowBytes
    this.release(row)
  }

  /** A cleared row that belongs to no key: where rows are merged. */
  scratch(): number {
    const row = this.#take()
    this.start[row] = 0
    this.end[row] = 0
    this.records[row] = 0
    this.early[row] = Number.NaN
    this.#next[row] = NONE
    this.#touched[row] = 0
    this.#isHead[row] = 0
    return row
  }

  release(row: number): void {
    for (const one of this.running) this.bytes -= one.clear(row)
    this.keys[row] = ''
    this.early[row] = Number.NaN
    this.#next[row] = this.#free
    this.#free = row
    this.#freed += 1
    // When nothing is left, nothing is kept for what may never come back.
    if (this.#freed === this.#used) this.#shrink()
  }

  /** Adds what `from` holds to `into`, which holds what came before it. */
  merge(into: number, from: number): void {
    this.records[into] = (this.records[into] as number) + (this.records[from] as number)
    for (const one of this.running) this.bytes += one.merge(into, from)
  }

  #take(): number {
    const row = this.#free
    if (row !== NONE) {
      this.#free = this.next(row)
      this.#freed -= 1
      return row
    }
    if (this.#used === this.start.length) this.#grow(Math.max(16, this.#used * 2))
    return this.#used++
  }

  #grow(rows: number): void {
    this.start = grown(this.start, rows)
    this.end = grown(this.end, rows)
    this.records = grown(this.records, rows)
    this.early = grown(this.early, rows)
    this.#next = grown(this.#next, rows)
    this.#touched = grown(this.#touched, rows)
    this.#isHead = grown(this.#isHead, rows)
    for (const one of this.running) one.resize(rows)
  }

  #shrink(): void {
    if (this.#used < SMALL) return
    this.#used = 0
    this.#free = NONE
    this.#freed = 0
    this.keys.length = 0
    this.start = new Float64Array(0)
    this.end = new Float64Array(0)
    this.records = new Float64Array(0)
    this.early = new Float64Array(0)
    this.#next = new Int32Array(0)
    this.#touched = new Uint8Array(0)
    this.#isHead = new Uint8Array(0)
    for (const one of this.running) one.resize(0)
  }

  /** `[[start, length, records, early, ...running states], ...]`, in the order of the chain. */
  #encode(head: number): Json {
    const kept: Json[] = []
    for (let row = head; row !== NONE; row = this.next(row)) {
      this.#touched[row] = 0
      const start = this.start[row] as number
      const line: Json[] = [start, (this.end[row] as number) - start, this.records[row] as number]
      line.push(Number.isNaN(this.early[row]) ? null : (this.early[row] as number))
      for (const one of this.running) line.push(one.encode(row))
      kept.push(line)
    }
    return kept
  }

  #decode(kept: readonly (readonly Json[])[]): number {
    let head = NONE
    for (const line of kept.toReversed()) {
      const [start, length, records, early] = line as readonly [number, number, number, number | null]
      const row = this.scratch()
      this.start[row] = start
      this.end[row] = start + length
      this.records[row] = records
      this.early[row] = early ?? Number.NaN
      this.#next[row] = head
      this.bytes += this.#rowBytes
      for (const [index, one] of this.running.entries()) this.bytes += one.decode(row, line[index + 4] as Json)
      head = row
    }
    this.#isHead[head] = 1
    return head
  }
}

/** No row. */
export const NONE = -1

/** The columns above, and a place in the list of its pane. */
const ROW_BYTES = 60
const SMALL = 4096

/** The text itself and its place in the map of the state. */
function keyBytes(key: string): number {
  return 90 + key.length
}
