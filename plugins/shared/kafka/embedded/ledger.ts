import { type CheckpointState, type Json, openLocalStore, openLog, type Storage } from '../../../../engine/plugin.ts'

/**
 * What must be known of all topics beside their records, in one durable log of epochs: how far each partition is
 * covered by a committed epoch of its writer, and what groups have committed. Partitions are named `topic/number`.
 */
export interface Ledger {
  /** Undefined: all that the partition holds is covered. */
  covered(partition: string): Covered | undefined
  /** Partitions whose last records are, or may be, those of this writer. */
  writtenBy(owner: string): readonly string[]
  /** Durable when it resolves; undefined as in `covered`. */
  cover(changes: ReadonlyMap<string, Covered | undefined>): Promise<void>
  groups(): readonly string[]
  committed(group: string, partition: string): number | undefined
  commit(group: string, offsets: ReadonlyMap<string, number>): Promise<void>
  /** Nothing is known of this topic any more. */
  forget(topic: string): Promise<void>
  close(): Promise<void>
}

/** Records before `end` stay; those behind it are uncommitted ones of `owner`. */
export type Covered = { readonly end: number; readonly owner: string }

export async function openLedger(storage: Storage, folder: string): Promise<Ledger> {
  const store = await openLocalStore(await openLog(storage, folder, { segmentSize: SEGMENT_SIZE, sync: 'always' }))
  return {
    ...ledgerOf(() => store.state),
    async cover(changes) {
      if (changes.size === 0) return
      const kept = [...changes].filter(([, covered]) => covered !== undefined) as [string, Json][]
      const all = [...changes.keys()].filter((partition) => changes.get(partition) === undefined)
      await store.commit({
        positions: new Map([[COVERED, new Map(kept)]]),
        released: new Map([[COVERED, new Set(all)]]),
      })
    },
    async commit(group, offsets) {
      if (offsets.size > 0) await store.commit({ positions: new Map([[GROUP + group, offsets]]) })
    },
    async forget(topic) {
      const released = new Map<string, Set<string>>()
      for (const [name, partitions] of store.state.positions) {
        const gone = [...partitions.keys()].filter((partition) => partition.startsWith(`${topic}/`))
        if (gone.length > 0) released.set(name, new Set(gone))
      }
      if (released.size > 0) await store.commit({ released })
    },
    close: () => store.close(),
  }
}

/** What can be read of it. */
export function ledgerOf(state: () => CheckpointState): Pick<Ledger, 'covered' | 'writtenBy' | 'groups' | 'committed'> {
  const positions = () => state().positions
  return {
    covered: (partition) => positions().get(COVERED)?.get(partition) as Covered | undefined,
    writtenBy(owner) {
      const entries = [...(positions().get(COVERED) ?? [])] as [string, Covered][]
      return entries.filter(([, covered]) => covered.owner === owner).map(([partition]) => partition)
    },
    groups() {
      const used = [...positions()].filter(([name, offsets]) => name.startsWith(GROUP) && offsets.size > 0)
      return used.map(([name]) => name.slice(GROUP.length))
    },
    committed: (group, partition) =>
      positions()
        .get(GROUP + group)
        ?.get(partition) as number | undefined,
  }
}

const COVERED = 'covered'
const GROUP = 'group '
const SEGMENT_SIZE = 4 * 1024 * 1024
