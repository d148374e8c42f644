import type { Json } from '../record.ts'
import { type StateDelta, StateTables } from './state-tables.ts'

/**
 * What a restart needs to go on exactly: kept by a store, changed only by whole epochs (I-2).
 */
export interface CheckpointStore {
  /** The state as the last complete epoch left it; live: it follows `commit`. */
  readonly state: CheckpointState
  /** Makes the epoch durable as one atomic write, then shows it in `state`. Rejects with ENOSPC when it may be retried. */
  commit(epoch: Epoch): Promise<void>
  close(): Promise<void>
}

export interface CheckpointState {
  /** Source component -> partition -> position. */
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, Json>>
  /** Sink (or writing end, or dead letters) -> what `flush` gave. */
  readonly sinks: ReadonlyMap<string, Json>
  /** Source component, or pump -> partition -> watermark. */
  readonly watermarks: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** The states of processors. */
  readonly tables: StateTables
  /** Component -> fingerprint of the definition that its state belongs to. */
  readonly fingerprints: ReadonlyMap<string, string>
}

/** What changed between two cuts of one segment; only what is named changes. */
export interface Epoch {
  readonly positions?: ReadonlyMap<string, ReadonlyMap<string, Json>>
  /** Source component -> partitions that will never be read again. */
  readonly released?: ReadonlyMap<string, ReadonlySet<string>>
  readonly sinks?: ReadonlyMap<string, Json>
  /** Undefined: it is gone. */
  readonly watermarks?: ReadonlyMap<string, ReadonlyMap<string, number | undefined>>
  readonly states?: readonly StateDelta[]
  readonly fingerprints?: ReadonlyMap<string, string>
  /** Components whose whole state goes (--fresh, --reset-state). */
  readonly forgotten?: readonly string[]
}

export function emptyState(): MutableState {
  return {
    positions: new Map(),
    sinks: new Map(),
    watermarks: new Map(),
    tables: new StateTables(),
    fingerprints: new Map(),
  }
}

export interface MutableState extends CheckpointState {
  readonly positions: Map<string, Map<string, Json>>
  readonly sinks: Map<string, Json>
  readonly watermarks: Map<string, Map<string, number>>
  readonly fingerprints: Map<string, string>
}

/** The states of processors are not here: they are what changed. */
export function applyEpoch(state: MutableState, epoch: Epoch): void {
  for (const name of epoch.forgotten ?? []) forget(state, name)
  for (const [name, partitions] of epoch.positions ?? []) {
    const known = state.positions.get(name) ?? new Map<string, Json>()
    for (const [partition, position] of partitions) known.set(partition, position)
    state.positions.set(name, known)
  }
  for (const [name, partitions] of epoch.released ?? []) {
    for (const partition of partitions) state.positions.get(name)?.delete(partition)
  }
  for (const [name, value] of epoch.sinks ?? []) state.sinks.set(name, value)
  for (const [name, moved] of epoch.watermarks ?? []) {
    const known = state.watermarks.get(name) ?? new Map<string, number>()
    for (const [partition, watermark] of moved) {
      if (watermark === undefined) known.delete(partition)
      else known.set(partition, watermark)
    }
    state.watermarks.set(name, known)
  }
  for (const [name, fingerprint] of epoch.fingerprints ?? []) state.fingerprints.set(name, fingerprint)
}

function forget(state: MutableState, name: string): void {
  state.positions.delete(name)
  state.sinks.delete(name)
  state.fingerprints.delete(name)
  state.tables.forget(name)
  if (!state.watermarks.delete(name)) return
  // What is read from the beginning again would be late for whoever has come further.
  for (const other of [...state.watermarks.keys()]) if (isPumpName(other)) state.watermarks.delete(other)
}

/** The name under which the watermark of a pump is kept; no component can be called so. */
export function pumpName(pump: string): string {
  return `pump ${pump}`
}

function isPumpName(name: string): boolean {
  return name.startsWith('pump ')
}

/**
 * The name under which the dead letters of a pump keep their state; no component can be called so. It outlives the
 * state of its component: starting over does not make yesterday's dead letters undone.
 */
export function deadLettersOf(pump: string): string {
  return `dead-letters ${pump}`
}
