import type { CheckpointState, CheckpointStore, Json } from '../../../../engine/plugin.ts'

/**
 * Which transactions are open, and which were aborted; all others are committed. A transaction is noted as open, with
 * where it begins to write in a partition, before its first record there; what a process leaves open when it dies was
 * never committed, and the next one aborts it.
 */
export interface TransactionView {
  /** Where the first open transaction begins to write; Infinity without one. */
  firstOpen(partition: string): number
  isAborted(partition: string, transaction: number): boolean
}

export interface TransactionLedger extends TransactionView {
  /** A number that no transaction of this folder has had. */
  number(): number
  /** Before the first record of a transaction in a partition. */
  begin(id: string, open: OpenTransaction): Promise<void>
  /** It is committed, and so are these positions, by group. */
  commit(id: string, positions: ReadonlyMap<string, ReadonlyMap<string, number>>): Promise<void>
  /** `ends`: behind all its records, by partition. */
  abort(id: string, ends: ReadonlyMap<string, number>): Promise<void>
  /** What was open when the process before ended. */
  abortAll(): Promise<void>
  /** No record before this offset is one of an aborted transaction any more. */
  forgetAborted(partition: string, before: number): Promise<void>
  /** Of those that another process has left open: here they end. */
  endAborted(partition: string, end: number): Promise<void>
}

/** `from`: where it began to write, by partition. */
export type OpenTransaction = { readonly number: number; readonly from: { readonly [partition: string]: number } }

export function transactionsIn(state: () => CheckpointState): TransactionView {
  return {
    firstOpen(partition) {
      let first = Number.POSITIVE_INFINITY
      for (const { from } of openIn(state()).values()) first = Math.min(first, from[partition] ?? first)
      return first
    },
    isAborted: (partition, transaction) => state().positions.get(ABORTED)?.has(nameOf(partition, transaction)) ?? false,
  }
}

/** `group`: what stands before the name of a group, in the names of positions. */
export function transactionsOf(store: CheckpointStore, group: string): TransactionLedger {
  let last = (store.state.positions.get(COUNTERS)?.get('transaction') as number | undefined) ?? 0

  async function abort(ids: readonly string[], ends: ReadonlyMap<string, number>): Promise<void> {
    const aborted = new Map<string, number | null>()
    for (const id of ids) {
      const { number = 0, from = {} } = openIn(store.state).get(id) ?? {}
      for (const partition of Object.keys(from)) aborted.set(nameOf(partition, number), ends.get(partition) ?? null)
    }
    await store.commit({ positions: new Map([[ABORTED, aborted]]), released: new Map([[OPEN, new Set(ids)]]) })
  }

  /** Of one partition: where the records of each end; null where nobody knows yet. */
  function abortedIn(partition: string): readonly (readonly [name: string, end: number | null])[] {
    const all = [...(store.state.positions.get(ABORTED) ?? NONE)] as [string, number | null][]
    return all.filter(([name]) => name.startsWith(`${partition}#`))
  }

  return {
    ...transactionsIn(() => store.state),
    number() {
      last += 1
      return last
    },
    begin: (id, open) =>
      store.commit({
        positions: new Map<string, ReadonlyMap<string, Json>>([
          [OPEN, new Map([[id, open]])],
          [COUNTERS, new Map([['transaction', last]])],
        ]),
      }),
    async commit(id, positions) {
      const named = [...positions].map(([name, offsets]) => [group + name, offsets] as const)
      await store.commit({ positions: new Map(named), released: new Map([[OPEN, new Set([id])]]) })
    },
    abort: (id, ends) => abort([id], ends),
    async abortAll() {
      const open = [...openIn(store.state).keys()]
      if (open.length > 0) await abort(open, new Map())
    },
    async forgetAborted(partition, before) {
      const gone = abortedIn(partition).filter(([, end]) => end !== null && end <= before)
      if (gone.length > 0) await store.commit({ released: new Map([[ABORTED, new Set(gone.map(([name]) => name))]]) })
    },
    async endAborted(partition, end) {
      const open = abortedIn(partition).filter(([, known]) => known === null)
      if (open.length === 0) return
      await store.commit({ positions: new Map([[ABORTED, new Map(open.map(([name]) => [name, end]))]]) })
    },
  }
}

/** The open transactions without the partitions of a topic; those that have none there are left out. */
export function withoutTopic(state: CheckpointState, topic: string): ReadonlyMap<string, ReadonlyMap<string, Json>> {
  const changed = new Map<string, OpenTransaction>()
  for (const [id, { number, from }] of openIn(state)) {
    const kept = Object.entries(from).filter(([partition]) => !partition.startsWith(`${topic}/`))
    if (kept.length < Object.keys(from).length) changed.set(id, { number, from: Object.fromEntries(kept) })
  }
  return changed.size === 0 ? new Map() : new Map([[OPEN, changed as ReadonlyMap<string, Json>]])
}

/** Id -> what it has open. */
const OPEN = 'open'
/** `topic/number#transaction` -> where its records end there. */
export const ABORTED = 'aborted'
const COUNTERS = 'counters'

function openIn(state: CheckpointState): ReadonlyMap<string, OpenTransaction> {
  return (state.positions.get(OPEN) ?? NONE) as ReadonlyMap<string, OpenTransaction>
}

function nameOf(partition: string, transaction: number): string {
  return `${partition}#${transaction}`
}

const NONE: ReadonlyMap<string, Json> = new Map()
