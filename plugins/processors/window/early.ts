import type { Rows } from './rows.ts'

/** When open windows give results before they are complete. */
export type Emit = { readonly every: number } | { readonly on: 'change' } | undefined

/** Rows that changed since their windows last had a result, by the moment when the next one is due. */
export class EarlyResults {
  readonly #rows: Rows
  readonly #emit: Emit
  readonly #waiting = new Map<number, number[]>()
  /** The keys of the map, in order; there are few of them. */
  readonly #moments: number[] = []

  constructor(rows: Rows, emit: Emit) {
    this.#rows = rows
    this.#emit = emit
    for (const row of rows.all()) if (!Number.isNaN(rows.early[row])) this.#wait(row, rows.early[row] as number)
  }

  /** -Infinity: at once. */
  get due(): number {
    return this.#moments[0] ?? Number.POSITIVE_INFINITY
  }

  /** The row has changed. The moment depends on the times alone, so that batches and restarts move no result. */
  changed(row: number, timestamp: number, watermark: number): void {
    if (this.#emit === undefined) return
    if ('on' in this.#emit) this.#wait(row, Number.NEGATIVE_INFINITY)
    else if (Number.isNaN(this.#rows.early[row]))
      this.#waitUntilNext(this.#emit.every, row, Math.max(timestamp, watermark))
  }

  /** At the end of input no result is early any more. */
  forget(): void {
    this.#waiting.clear()
    this.#moments.length = 0
  }

  #waitUntilNext(every: number, row: number, now: number): void {
    const moment = (Math.floor(now / every) + 1) * every
    this.#rows.early[row] = moment
    this.#rows.touch(row)
    this.#wait(row, moment)
  }

  /** The rows that are due first; they wait no longer. */
  take(): readonly number[] {
    const moment = this.#moments.shift() as number
    const rows = this.#waiting.get(moment) ?? []
    this.#waiting.delete(moment)
    if (moment === Number.NEGATIVE_INFINITY) return rows
    // A row that was closed in between does not wait any more, whoever has it now.
    const due = rows.filter((row) => this.#rows.early[row] === moment)
    for (const row of due) {
      this.#rows.early[row] = Number.NaN
      this.#rows.touch(row)
    }
    return [...new Set(due)]
  }

  #wait(row: number, moment: number): void {
    const rows = this.#waiting.get(moment)
    if (rows !== undefined) rows.push(row)
    else {
      this.#waiting.set(moment, [row])
      insertSorted(this.#moments, moment)
    }
  }
}

/** Into a list in ascending order; mostly at its end. */
export function insertSorted(list: number[], item: number): void {
  let at = list.length
  while (at > 0 && (list[at - 1] as number) > item) at -= 1
  list.splice(at, 0, item)
}
