import type { StateDelta } from '../checkpoint/state-tables.ts'
import type { Json } from '../record.ts'
import type { TimeChanges } from './timekeeper.ts'

/** Source component -> partition -> position; undefined: the partition will never be read again. */
export type Positions = ReadonlyMap<string, ReadonlyMap<string, Json | undefined>>

/** One pump's share of an epoch. */
export interface Cut {
  /** Nothing has happened since the last one. */
  readonly empty: boolean
  /** After the last batch of the epoch. */
  readonly positions: Positions
  readonly watermarks: TimeChanges
  readonly states: readonly StateDelta[]
  /** Resolves with the states of its sinks when the epoch is durable there. */
  readonly flushed: Promise<ReadonlyMap<string, Json>>
}

/** Of an epoch in which nothing has happened. */
export const NOTHING: Pick<Cut, 'watermarks' | 'states' | 'flushed'> = {
  watermarks: new Map(),
  states: [],
  flushed: Promise.resolve(new Map<string, Json>()),
}
