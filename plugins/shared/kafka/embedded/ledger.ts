import { type CheckpointState, type Json, openLocalStore, openLog, type Storage } from '../../../../engine/plugin.ts'
import {
  ABORTED,
  type TransactionLedger,
  type TransactionView,
  transactionsIn,
  transactionsOf,
  withoutTopic,
} from './transaction-ledger.ts'

/** What is known of all topics beside their records. Partitions are named `topic/number`. */
export interface LedgerView {
  /** Undefined: all that the partition holds is covered. */
  covered(partition: string): Covered | undefined
  /** Partitions whose last records are, or may be, those of this writer. */
  writtenBy(owner: string): readonly string[]
  groups(): readonly string[]
  committed(group: string, partition: string): number | undefined
  /** Records before it were deleted; 0 when none were. */
  deletedBefore(partition: string): number
  rewritten(partition: string): Rewritten
  readonly transactions: TransactionView
}

/**
 * The same in one durable log of epochs, each an atomic write: how far partitions are covered by a committed epoch of
 * their writer, what groups have committed, which transactions are open or were aborted, and which of its two folders
 * the log of a compacted partition is in. What changes it resolves when it is durable.
 */
export interface Ledger extends LedgerView {
  /** Undefined as in `covered`. */
  cover(changes: ReadonlyMap<string, Covered | undefined>): Promise<void>
  commit(group: string, offsets: ReadonlyMap<string, number>): Promise<void>
  deleteBefore(offsets: ReadonlyMap<string, number>): Promise<void>
  /** The log of the partition is another one from now on. */
  rewrite(partition: string, rewritten: Rewritten): Promise<void>
  /** Nothing is known of this topic any more. */
  forget(topic: string): Promise<void>
  readonly transactions: TransactionLedger
  close(): Promise<void>
}

/** Records before `end` stay; those behind it are uncommitted ones of `owner`. */
export type Covered = { readonly end: number; readonly owner: string }

/** How compaction has left the log of a partition. */
export type Rewritten = {
  /** How often it was: an even and an odd one are in two folders. */
  readonly generation: number
  /** Of the records before this offset, there is one for each key. */
  readonly clean: number
  /** Of the log at that time. */
  readonly bytes: number
}

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
    deleteBefore: (offsets) => store.commit({ positions: new Map([[DELETED, offsets]]) }),
    rewrite: (partition, rewritten) =>
      store.commit({ positions: new Map([[LOGS, new Map([[partition, rewritten]])]]) }),
    async forget(topic) {
      const released = new Map<string, Set<string>>()
      for (const [name, partitions] of store.state.positions) {
        const gone = [...partitions.keys()].filter((partition) => partition.startsWith(`${topic}/`))
        if (isByPartition(name) && gone.length > 0) released.set(name, new Set(gone))
      }
      const positions = withoutTopic(store.state, topic)
      if (released.size > 0 || positions.size > 0) await store.commit({ positions, released })
    },
    transactions: transactionsOf(store, GROUP),
    close: () => store.close(),
  }
}

/** What can be read of it. */
export function ledgerOf(state: () => CheckpointState): LedgerView {
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
    deletedBefore: (partition) => (positions().get(DELETED)?.get(partition) as number | undefined) ?? 0,
    rewritten: (partition) => (positions().get(LOGS)?.get(partition) as Rewritten | undefined) ?? NEVER,
    transactions: transactionsIn(state),
  }
}

const COVERED = 'covered'
const DELETED = 'deleted'
const LOGS = 'logs'
const GROUP = 'group '
const NEVER: Rewritten = { generation: 0, clean: 0, bytes: 0 }
const SEGMENT_SIZE = 4 * 1024 * 1024

/** What else there is in the ledger goes by other names. */
function isByPartition(name: string): boolean {
  return name === COVERED || name === DELETED || name === LOGS || name === ABORTED || name.startsWith(GROUP)
}
