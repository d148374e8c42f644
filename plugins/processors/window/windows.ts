import type { Rows } from './rows.ts'

/** A window of a key that has something to say: its result is made of `row` before the next one is asked for. */
export interface Closing {
  readonly key: string
  readonly start: number
  readonly end: number
  readonly row: number
  /** False: the window is still open. */
  readonly isFinal: boolean
}

/** One way to put records into windows. */
export interface Windows {
  /**
   * The row that takes the record, a new one where there is none; `LATE` when all windows that could have taken it are
   * closed, and `FULL` when it would need a new row and there may be none.
   */
  place(key: string, timestamp: number, watermark: number): number
  /** The row has taken a record. */
  taken(row: number, timestamp: number, watermark: number): void
  /** The watermark at which something is due, or at which to look again; Infinity for never. */
  readonly due: number
  /** Whether something is due. At the end of input, whose watermark is Infinity, every window that is still open is. */
  isDue(watermark: number): boolean
  /** All that is due at the watermark, in the order of ends and then of keys. Closed windows are gone when it is through. */
  close(watermark: number): Iterator<Closing, void>
}

export const LATE = -1
export const FULL = -2

/** A window that is made of several rows of its key, or of one. */
export function* wholeOf(
  rows: Rows,
  newestFirst: readonly number[],
  window: Omit<Closing, 'row'>,
): Generator<Closing, void> {
  const [only, ...others] = newestFirst
  if (others.length === 0) {
    yield { ...window, row: only as number }
    return
  }
  const whole = rows.scratch()
  for (const part of newestFirst.toReversed()) rows.merge(whole, part)
  yield { ...window, row: whole }
  rows.release(whole)
}

/** In the order of their keys, which is that of UTF-16 units. */
export function byKey(rows: readonly number[], { keys }: Rows): readonly number[] {
  return rows.toSorted((a, b) => ((keys[a] as string) < (keys[b] as string) ? -1 : 1))
}
