import { StreamrunError } from '../../../../engine/plugin.ts'
import {
  type Producer,
  type ProducerCheckpoints,
  type ProducerColumns,
  type ProducerRecord,
  RefusedRecords,
} from '../port.ts'
import { sizeOf } from './block.ts'
import { sizeIn } from './blocks.ts'
import { orDiskFault } from './faults.ts'
import { keyOf, type Partition } from './partition.ts'
import { restorePartitions } from './restore.ts'
import type { Shared } from './shared.ts'

/**
 * Who uses `checkpoints` (calls `restore` first) pays for durability once for each of them; what it sends may be read
 * at once, and is taken back when it is not committed. For anyone else a `send` is durable when it resolves, may be
 * read from then on, and stays.
 */
export class EmbeddedProducer implements Producer {
  readonly owner: string
  readonly isTransactional = false
  readonly checkpoints: ProducerCheckpoints
  readonly #shared: Shared
  /** All that it has written to, also in earlier lives. */
  readonly #partitions = new Map<string, Partition>()
  #isRestored = false
  #isClosed = false

  constructor(shared: Shared, owner: string) {
    this.#shared = shared
    this.owner = owner
    this.checkpoints = {
      flush: () => this.#flush(),
      commit: (state) => this.#commit(new Map(Object.entries(state))),
      restore: (state) => this.#restore(state ?? {}),
    }
  }

  async send(topic: string, number: number, records: readonly ProducerRecord[]): Promise<void> {
    const partition = await this.#partition(topic, number)
    const refused = refusedOf(records, partition, this.#shared)
    const taken = refused.size === 0 ? records : records.filter((_, index) => !refused.has(index))
    if (taken.length > 0) await this.#append(partition, (now) => partition.append(taken, now))
    if (refused.size > 0) throw new RefusedRecords(refused)
  }

  async sendColumns(topic: string, number: number, columns: ProducerColumns): Promise<void> {
    const partition = await this.#partition(topic, number)
    const refused = refusedIn(columns, partition, this.#shared)
    const taken = refused.size === 0 ? columns : columnsWithout(columns, refused)
    if (taken.count > 0) await this.#append(partition, (now) => partition.appendColumns(taken, now))
    if (refused.size > 0) throw new RefusedRecords(refused)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const partition of this.#partitions.values()) this.#leave(partition)
    this.#shared.release(this)
  }

  async #partition(topic: string, number: number): Promise<Partition> {
    return this.#partitions.get(keyOf({ topic, partition: number })) ?? (await this.#begin(topic, number))
  }

  async #append(partition: Partition, append: (now: number) => Promise<void>): Promise<void> {
    await append(this.#shared.clock.now())
    if (!this.#isRestored) {
      await partition.sync()
      partition.covered = partition.end
      await this.#shared.tidy(partition)
    }
    this.#shared.changed.notify()
  }

  /** Before its first record in a partition: from here on the ledger says whose the records behind `covered` are. */
  async #begin(topic: string, number: number): Promise<Partition> {
    this.#shared.hold(topic, this)
    const partition = await this.#shared.topics.partition(topic, number)
    refuseTailOfAnother(partition, this.#shared, this.owner)
    const note = this.#isRestored ? { end: partition.covered, owner: this.owner } : undefined
    const known = this.#shared.ledger.covered(partition.key)
    if (note?.owner !== known?.owner) {
      await orDiskFault(partition.key, this.#shared.ledger.cover(new Map([[partition.key, note]])))
    }
    this.#take(partition)
    return partition
  }

  #take(partition: Partition): void {
    partition.isAhead = this.#isRestored
    this.#partitions.set(partition.key, partition)
  }

  async #flush(): Promise<Record<string, number>> {
    const partitions = [...this.#partitions.values()]
    const state = Object.fromEntries(partitions.map(({ key, end }) => [key, end]))
    await Promise.all(partitions.map((partition) => partition.sync()))
    return state
  }

  /** Durable before it is told: a reader's own epoch may rest on it (I-1). */
  async #commit(state: ReadonlyMap<string, number>): Promise<void> {
    const moved = [...this.#partitions.values()].filter(({ key, covered }) => (state.get(key) ?? 0) > covered)
    const ends = moved.map(({ key }) => [key, { end: state.get(key) as number, owner: this.owner }] as const)
    await orDiskFault('the ledger', this.#shared.ledger.cover(new Map(ends)))
    for (const partition of moved) partition.covered = state.get(partition.key) as number
    this.#shared.changed.notify()
    for (const partition of moved) await this.#shared.tidy(partition)
  }

  async #restore(state: { readonly [partition: string]: number }): Promise<void> {
    if (this.#partitions.size > 0)
      throw new StreamrunError('SR_DEFECT', `${this.owner} restores what it has written to`)
    const restored = await restorePartitions(this.#shared, this, state)
    this.#isRestored = true
    for (const partition of restored) this.#take(partition)
    this.#shared.changed.notify()
  }

  /** They were deleted: what it sends next finds no topic, or another one. */
  forget(partitions: readonly Partition[]): void {
    for (const partition of partitions) this.#partitions.delete(partition.key)
  }

  /** What it never committed is taken back, from whoever has read it too. */
  #leave(partition: Partition): void {
    partition.isAhead = false
    for (const consumer of this.#shared.consumers) {
      consumer.takeBack(
        partition,
        `the records of ${partition.key} from ${partition.covered} on are taken back: ${this.owner} ended before it ` +
          'committed them; the next start reads on from the last epoch',
      )
    }
  }
}

/** Those that are refused for themselves, by their place. */
export function refusedOf(
  records: readonly ProducerRecord[],
  partition: Partition,
  shared: Shared,
): ReadonlyMap<number, string> {
  const at = (index: number) => records[index] as ProducerRecord
  const sizeAt = (index: number) => sizeOf(at(index))
  return refusals(records.length, sizeAt, (index) => at(index).key !== null, partition, shared)
}

function refusedIn(columns: ProducerColumns, partition: Partition, shared: Shared): ReadonlyMap<number, string> {
  const isKeyed = (index: number) => (columns.keys?.[index] ?? null) !== null
  return refusals(columns.count, (index) => sizeIn(columns, index), isKeyed, partition, shared)
}

function refusals(
  count: number,
  sizeAt: (index: number) => number,
  isKeyed: (index: number) => boolean,
  { isCompacted }: Partition,
  { maxRecordBytes }: Shared,
): ReadonlyMap<number, string> {
  const reasons = new Map<number, string>()
  for (let index = 0; index < count; index++) {
    const size = sizeAt(index)
    if (size > maxRecordBytes) reasons.set(index, `it has ${size} bytes; the topic takes up to ${maxRecordBytes}`)
    else if (isCompacted && !isKeyed(index)) reasons.set(index, 'it has no key, and the topic is compacted')
  }
  return reasons
}

function columnsWithout(columns: ProducerColumns, refused: ReadonlyMap<number, string>): ProducerColumns {
  const isTaken = (_: unknown, index: number) => index < columns.count && !refused.has(index)
  return {
    ...columns,
    count: columns.count - refused.size,
    starts: columns.starts.filter(isTaken),
    ends: columns.ends.filter(isTaken),
    keys: columns.keys?.filter(isTaken),
  }
}

/**
 * Records behind `covered` belong to whoever wrote them: it may have committed them in an epoch that the ledger does
 * not know of yet, and it takes back the rest when it starts.
 */
export function refuseTailOfAnother(partition: Partition, { ledger }: Shared, owner: string): void {
  const writer = ledger.covered(partition.key)?.owner
  if (partition.end === partition.covered || writer === undefined || writer === owner) return
  const message =
    `${partition.key} ends with records that ${writer} wrote and did not commit, so ${owner} cannot write behind them: ` +
    `start ${writer} once, or remove the topic`
  throw new StreamrunError('SR_TWO_WRITERS', message)
}
