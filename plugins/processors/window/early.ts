import type { KeyedState } from '../../../engine/plugin.ts'
import type { Rows } from './rows.ts'
import type { Closing } from './windows.ts'

/** When open windows give results before they are complete. */
export type Emit = { readonly every: number } | { readonly on: 'change' } | undefined

/** Rows that changed since their windows last had a result, by the moment when the next one is due. */
export class EarlyResults {
  readonly #rows: Rows
  readonly #emit: Emit
  readonly #told: KeyedState<number>
  readonly #waiting = new Map<number, number[]>()
  /** The keys of the map, in order; there are few of them. */
  readonly #moments: number[] = []

  /** `told`: of the moment under way, how many of its results have left. */
  constructor(rows: Rows, emit: Emit, told: KeyedState<number>) {
    this.#rows = rows
    this.#emit = emit
    this.#told = told
    if (emit !== undefined && 'every' in emit) {
      for (const row of rows.all()) if (!Number.isNaN(rows.early[row])) this.#wait(row, rows.early[row] as number)
    }
    // `emit` may have changed since it was told.
    for (const [moment] of told.entries()) if (!this.#waiting.has(Number(moment))) told.delete(moment)
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

  /** The results that are due first, which `resultsOf` makes of their rows; when they have left, these wait no longer. */
  *results(resultsOf: (rows: readonly number[]) => Iterable<Closing>): Generator<Closing, void> {
    const moment = this.#moments[0] as number
    const rows = this.#rowsAt(moment)
    // What is due at once leaves before the batch is through, and no cut comes before that.
    if (moment === Number.NEGATIVE_INFINITY) yield* resultsOf(rows)
    else yield* this.#tell(String(moment), resultsOf(rows))
    this.#moments.shift()
    this.#waiting.delete(moment)
    for (const row of rows) {
      this.#rows.early[row] = Number.NaN
      this.#rows.touch(row)
    }
  }

  #rowsAt(moment: number): readonly number[] {
    const rows = this.#waiting.get(moment) ?? []
    if (moment === Number.NEGATIVE_INFINITY) return rows
    // A row that was closed in between does not wait any more, whoever has it now.
    return [...new Set(rows.filter((row) => this.#rows.early[row] === moment))]
  }

  /**
   * The rows go on waiting until all of their results have left, for one result may be of several rows, and one row of
   * several results. So that a cut in between loses none and brings none twice (I-2), it is told how many have left: the
   * same ones come in the same order after a restart, as no record comes between.
   */
  *#tell(moment: string, results: Iterable<Closing>): Generator<Closing, void> {
    const before = this.#told.get(moment) ?? 0
    let count = 0
    for (const result of results) {
      count += 1
      if (count <= before) continue
      yield result
      this.#told.set(moment, count)
    }
    this.#told.delete(moment)
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
