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
  /** The watermark at which something is due; -Infinity when something is due whatever it is, Infinity for never. */
  readonly due: number
  /** All that is due at the watermark, in the order of ends and then of keys. Closed windows are gone when it is through. */
  close(watermark: number): Iterator<Closing, void>
}

export const LATE = -1
export const FULL = -2
