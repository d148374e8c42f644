import type { Log } from '../../../../engine/plugin.ts'
import type { OffsetRange, ProducerColumns, ProducerRecord, TopicPartition } from '../port.ts'
import { type BlockPlace, latestOf, nextOf, packBlock } from './block.ts'
import { BlockLog } from './block-log.ts'
import { cutColumns, cutIntoBlocks } from './blocks.ts'
import { type Bounds, boundsOf, latestIn } from './bounds.ts'
import { type PackedBlock, packColumns } from './columns.ts'
import { Compactor } from './compactor.ts'
import { offsetsFault } from './faults.ts'
import type { LedgerView } from './ledger.ts'
import type { PartitionLogs } from './partition-logs.ts'
import { PartitionReader } from './partition-reader.ts'

export interface PartitionSettings {
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentSize: number
  /** How long tombstones stay in a compacted topic, ms; undefined: records go by retention. */
  readonly tombstoneMs: number | undefined
}

/** The transaction that appends records, and what it does before its first ones here, told where they begin. */
export interface Within {
  readonly number: number
  begin(partition: Partition): Promise<void>
}

/**
 * One partition: a log whose frames are blocks of records. Offsets are counted here, in records, and never used twice
 * for what somebody may have committed: what is cut off is only what its writer takes back. Blocks of transactions that
 * were aborted stay where they are, and nobody sees them.
 */
export class Partition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** `topic/number`, as in the ledger. */
  readonly key: string
  /** Behind the last record of the last whole `append`. */
  end: number
  /** Records before it are never taken back. */
  covered: number
  /** Its writer is here and has taken back what it had to: what it writes may be read before it is covered. */
  isAhead = false
  readonly reader: PartitionReader
  readonly #ledger: LedgerView
  readonly #settings: PartitionSettings
  readonly #compactor: Compactor | undefined
  readonly #blocks: BlockLog
  /** Where the first block of the log begins. */
  #first: number
  /** The latest timestamp so far. */
  #latest: number
  /** What changes the log, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  /** Without `logs` it is only read, and another process may compact it. */
  constructor(place: TopicPartition, log: Log, settings: PartitionSettings, parts: PartitionParts) {
    this.topic = place.topic
    this.partition = place.partition
    this.key = keyOf(place)
    this.#ledger = parts.ledger
    this.#settings = settings
    this.#blocks = new BlockLog(this.key, log)
    this.reader = new PartitionReader(this, this.#blocks, this.#ledger)
    this.#first = parts.bounds.first
    this.end = parts.bounds.end
    this.covered = parts.bounds.covered
    this.#latest = parts.bounds.latest
    this.#compactor = this.#compactorWith(parts.logs)
  }

  /** Records before it are gone. What compaction has left out is not: nobody misses it. */
  get earliest(): number {
    const deleted = this.#ledger.deletedBefore(this.key)
    return this.isCompacted ? deleted : Math.max(this.#first, deleted)
  }

  /** Behind the last record that may be read. */
  get visible(): number {
    return Math.min(this.isAhead ? this.end : this.covered, this.#ledger.transactions.firstOpen(this.key))
  }

  get range(): OffsetRange {
    return { earliest: this.earliest, latest: this.visible }
  }

  get isCompacted(): boolean {
    return this.#settings.tombstoneMs !== undefined
  }

  /** All of the records, or none. Not durable before `sync`. */
  append(records: readonly ProducerRecord[], now: number, within?: Within): Promise<void> {
    const marks = { transaction: within?.number }
    const pack = (some: readonly ProducerRecord[], place: BlockPlace): PackedBlock => [packBlock(some, place, marks)]
    return this.#alone(async () => {
      await within?.begin(this)
      await this.#appendBlocks(cutIntoBlocks(records), pack, now)
      // It can be aborted, and then stays where it is.
      if (within !== undefined) this.covered = this.end
    })
  }

  /** As `append`. */
  appendColumns(columns: ProducerColumns, now: number): Promise<void> {
    return this.#alone(() => this.#appendBlocks(cutColumns(columns), packColumns, now))
  }

  sync(): Promise<void> {
    return this.#blocks.sync()
  }

  /** Takes back the records from `end` on, durably. It is where a block ends, since only whole sends are committed. */
  async truncate(end: number): Promise<void> {
    await this.#compactor?.idle()
    if (end === this.end) return
    if (end > this.end) throw offsetsFault(`${this.key} ends at ${this.end}, but its writer has committed up to ${end}`)
    await this.#blocks.truncate(end === this.#first ? undefined : end)
    this.end = end
    this.#latest = await latestIn(this.#blocks.log)
  }

  /**
   * Retention, and what was deleted: whole segments, the oldest first. The block before `covered` stays whatever
   * happens: offsets go on from it. Gives how many records went.
   */
  async expire(now: number): Promise<number> {
    await this.#compactor?.idle()
    const { earliest: before } = this
    const bound = this.#settled
    const deleted = this.#ledger.deletedBefore(this.key)
    const kept = await this.#blocks.firstToKeep(
      // Everything in a segment is older than the first block behind it.
      ({ base, appended }, bytes) => base < bound && (base <= deleted || this.#isOld(bytes, appended, now)),
    )
    if (kept !== undefined) {
      this.#first = kept.base
      await this.#blocks.drop(kept)
    }
    return this.earliest - before
  }

  /** Keeps the newest record of each key where the topic is compacted. Appends and reads go on meanwhile. */
  async compact(now: number): Promise<void> {
    await this.#compactor?.compact(now)
  }

  /** Where another process writes: what is there now, also when its log is another one now. */
  async look(covered: number | undefined, log = this.#blocks.log): Promise<void> {
    const bounds = await boundsOf(this.key, log, covered)
    this.#blocks.use(log)
    this.#first = bounds.first
    this.end = bounds.end
    this.covered = bounds.covered
  }

  async close(): Promise<void> {
    await this.#compactor?.idle().catch(() => {})
    await this.#blocks.log.close()
  }

  #compactorWith(logs: PartitionLogs | undefined): Compactor | undefined {
    const { tombstoneMs, segmentSize } = this.#settings
    if (logs === undefined || tombstoneMs === undefined) return undefined
    return new Compactor({
      ...{ place: this, key: this.key, blocks: this.#blocks, logs, ledger: this.#ledger, segmentSize, tombstoneMs },
      settled: () => this.#settled,
      alone: (work) => this.#alone(work),
      beginsAt: (offset) => {
        this.#first = offset
      },
    })
  }

  /** What stands before it is never taken back, and nobody can abort it any more. */
  get #settled(): number {
    return Math.min(this.covered, this.#ledger.transactions.firstOpen(this.key))
  }

  #isOld(bytes: number, appended: number, now: number): boolean {
    const { retentionBytes, retentionMs } = this.#settings
    return !this.isCompacted && (bytes > retentionBytes || appended < now - retentionMs)
  }

  async #appendBlocks<T>(
    pieces: readonly T[],
    pack: (piece: T, place: BlockPlace) => PackedBlock,
    now: number,
  ): Promise<void> {
    let base = this.end
    let latestBefore = this.#latest
    const blocks = pieces.map((piece) => {
      const block = pack(piece, { base, latestBefore, appended: now })
      base = nextOf(block[0])
      latestBefore = latestOf(block[0])
      return block
    })
    await this.#blocks.append(blocks)
    this.end = base
    this.#latest = latestBefore
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

export interface PartitionParts {
  readonly ledger: LedgerView
  readonly logs: PartitionLogs | undefined
  readonly bounds: Bounds
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** On an open log, which it closes when it refuses it. */
export async function partitionOn(
  place: TopicPartition,
  log: Log,
  settings: PartitionSettings,
  ledger: LedgerView,
  logs?: PartitionLogs,
): Promise<Partition> {
  try {
    const bounds = await boundsOf(keyOf(place), log, ledger.covered(keyOf(place))?.end)
    return new Partition(place, log, settings, { ledger, logs, bounds })
  } catch (error) {
    await log.close()
    throw error
  }
}
