import type { Log, Notifier } from '../../../engine/plugin.ts'

/** What went through the channel since it was made; differences tell what is in it. */
export type Totals = {
  readonly bytes: number
  readonly records: number
}

/** Where the reader goes on: the next frame, and the totals of all before it. */
export type Position = Totals & { readonly seq: number }

/** What it takes to bring the writer back: the end of the log, its totals, and whether all of it was on the disk. */
export type WriterState = Totals & { readonly end: number; readonly durable: boolean }

/** What the two ends of one channel share. */
export interface Flow {
  readonly log: Log
  /** Where the reader begins; undefined until the writer was restored: before that, frames may yet be taken back. */
  start: Position | undefined
  /** Of all that was written. */
  written: Totals
  /** Of all that the reader has handed over in this run. */
  handedOver: Totals
  /** Of that, what is known to have arrived, because more was asked for. */
  arrived: Totals
  /** Of all that the reader has committed. */
  committed: Totals
  /** Frames before it are in a committed epoch of the writer. */
  covered: number
  /** Told whenever anything of this changes, and when the pipeline is to end. */
  readonly changed: Notifier
}
