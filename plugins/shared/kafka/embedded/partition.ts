import { errorCode, type Frame, type Log, StreamrunError } from '../../../../engine/plugin.ts'
import type { OffsetRange, ProducerColumns, ProducerRecord, RecordSet, TopicPartition } from '../port.ts'
import { type BlockPlace, latestOf, nextOf, packBlock, placeOf, transactionOf } from './block.ts'
import { cutColumns, cutIntoBlocks } from './blocks.ts'
import { type Bounds, boundsOf, lastBlock, latestIn } from './bounds.ts'
import { packColumns } from './columns.ts'
import { copyBlocks, copyCompacted, findNewest } from './compaction.ts'
import { offsetsFault, orDiskFault } from './faults.ts'
import { BlockIndex } from './index-of-blocks.ts'
import type { LedgerView } from './ledger.ts'
import type { PartitionLogs } from './partition-logs.ts'
import { noRecords, recordSetOf } from './record-set.ts'

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
  readonly #ledger: LedgerView
  readonly #settings: PartitionSettings
  readonly #logs: PartitionLogs | undefined
  #log: Log
  #blocks: BlockIndex
  /** Where the first block of the log begins. */
  #first: number
  /** The latest timestamp so far. */
  #latest: number
  /** What changes the log, one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  #compacting: Promise<void> | undefined
  /** Reads and syncs under way, which must end before their log goes. */
  readonly #using = new Set<Promise<unknown>>()
  /** Bytes of the log when a full disk kept it from being compacted. */
  #failedAt = 0

  /** Without `logs` it is only read, and another process may compact it. */
  constructor(place: TopicPartition, log: Log, settings: PartitionSettings, parts: PartitionParts) {
    this.topic = place.topic
    this.partition = place.partition
    this.key = keyOf(place)
    this.#ledger = parts.ledger
    this.#logs = parts.logs
    this.#settings = settings
    this.#log = log
    this.#blocks = new BlockIndex(log)
    this.#first = parts.bounds.first
    this.end = parts.bounds.end
    this.covered = parts.bounds.covered
    this.#latest = parts.bounds.latest
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
    const pack = (some: readonly ProducerRecord[], place: BlockPlace) => packBlock(some, place, marks)
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
    return this.#use(orDiskFault(this.key, this.#log.sync()))
  }

  /** Sets from an offset within the range on, in all about `maxBytes`; none when retention was faster. */
  async read(from: number, maxBytes: number): Promise<readonly RecordSet[]> {
    const end = this.visible
    const sets: RecordSet[] = []
    for (const { payload } of await this.#framesAt(from, maxBytes)) {
      if (placeOf(payload).base >= end) break
      sets.push(
        this.#isAborted(payload) ? noRecords(this, nextOf(payload), end) : recordSetOf(this, payload, from, end),
      )
    }
    if (sets.length > 0 || from < this.earliest) return sets
    // What stood between here and the end was compacted away.
    if (this.isCompacted) return [noRecords(this, end, end)]
    throw new StreamrunError('SR_DEFECT', `offset ${from} of ${this.key} is not where it should be`)
  }

  /** The first offset whose record is not older than this time; the end of what may be read where there is none. */
  async offsetAt(timestamp: number): Promise<number> {
    const { earliest, visible } = this
    return this.#use(this.#search(timestamp, visible)).catch((error: unknown) => {
      // Retention was faster: from the blocks that are left.
      if (this.earliest > earliest) return this.offsetAt(timestamp)
      throw error
    })
  }

  /** Takes back the records from `end` on, durably. It is where a block ends, since only whole sends are committed. */
  async truncate(end: number): Promise<void> {
    await this.#compacting
    if (end === this.end) return
    if (end > this.end) throw offsetsFault(`${this.key} ends at ${this.end}, but its writer has committed up to ${end}`)
    const seq = end === this.#first ? this.#log.first : await this.#blocks.find(end)
    await orDiskFault(this.key, this.#log.truncate(seq))
    // Only now: a read that was under way may have remembered a block that is gone.
    this.#blocks.forget()
    this.end = end
    this.#latest = await latestIn(this.#log)
  }

  /**
   * Retention, and what was deleted: whole segments, the oldest first. The block before `covered` stays whatever
   * happens: offsets go on from it. Gives how many records went.
   */
  async expire(now: number): Promise<number> {
    await this.#compacting
    const { earliest: before } = this
    const bound = this.#settled
    const deleted = this.#ledger.deletedBefore(this.key)
    let { bytes } = this.#log
    let keep = this.#log.first
    for (const [index, { first }] of this.#log.segments.slice(1).entries()) {
      if (first === this.#log.end) break
      const { base, appended } = await this.#blocks.firstOf(first)
      // Everything in the segments before this one is older than its first block.
      if (base >= bound || (base > deleted && !this.#isOld(bytes, appended, now))) break
      bytes -= this.#log.segments[index]?.bytes ?? 0
      keep = first
      this.#first = base
    }
    if (keep > this.#log.first) await orDiskFault(this.key, this.#log.drop(keep))
    return this.earliest - before
  }

  /** Keeps the newest record of each key, when enough has come since the last time. Appends and reads go on meanwhile. */
  async compact(now: number): Promise<void> {
    if (this.#compacting !== undefined || !this.#isDirty) return
    this.#compacting = this.#compactNow(now, this.#logs as PartitionLogs).finally(() => {
      this.#compacting = undefined
    })
    await this.#compacting
  }

  /** Where another process writes: what is there now, also when its log is another one now. */
  async look(covered: number | undefined, log = this.#log): Promise<void> {
    const bounds = await boundsOf(this.key, log, covered)
    if (log !== this.#log) this.#blocks = new BlockIndex(log)
    this.#log = log
    this.#blocks.forget()
    this.#first = bounds.first
    this.end = bounds.end
    this.covered = bounds.covered
  }

  async close(): Promise<void> {
    await this.#compacting?.catch(() => {})
    await this.#log.close()
  }

  /** What stands before it is never taken back, and nobody can abort it any more. */
  get #settled(): number {
    return Math.min(this.covered, this.#ledger.transactions.firstOpen(this.key))
  }

  #isOld(bytes: number, appended: number, now: number): boolean {
    const { retentionBytes, retentionMs } = this.#settings
    return !this.isCompacted && (bytes > retentionBytes || appended < now - retentionMs)
  }

  /** Doubled since the last time, and worth it. */
  get #isDirty(): boolean {
    if (!this.isCompacted || this.#logs === undefined) return false
    const before = Math.max(this.#ledger.rewritten(this.key).bytes, this.#failedAt)
    return this.#log.bytes - before >= Math.max(before, this.#settings.segmentSize)
  }

  async #compactNow(now: number, logs: PartitionLogs): Promise<void> {
    const source = this.#log
    const { transactions } = this.#ledger
    const plan = {
      ...{ place: this, source, now, clean: this.#ledger.rewritten(this.key).clean },
      // Offsets go on from the last block.
      bound: Math.min(this.#settled, placeOf((await lastBlock(source)) as Buffer).base),
      isAborted: (transaction: number) => transactions.isAborted(this.key, transaction),
      tombstoneMs: this.#settings.tombstoneMs ?? 0,
    }
    const newest = await findNewest(plan)
    if (newest.bound <= plan.clean) return
    const target = await orDiskFault(this.key, logs.openNext())
    try {
      const rest = await copyCompacted(plan, newest, target)
      const seen = source.end
      await copyBlocks(source, target, rest, seen)
      await this.#alone(async () => {
        await copyBlocks(source, target, seen, source.end)
        await target.sync()
        const { first } = await boundsOf(this.key, target, undefined)
        // Where there were too many keys, the next time comes soon.
        await logs.useNext(newest.bound, newest.bound < plan.bound ? 0 : target.bytes)
        this.#log = target
        this.#blocks = new BlockIndex(target)
        this.#first = first
      })
    } catch (error) {
      if (this.#log === source) await target.close().catch(() => {})
      if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') throw error
      this.#failedAt = source.bytes
      return
    }
    await Promise.allSettled(this.#using)
    await source.close()
    await orDiskFault(this.key, logs.removeOther())
  }

  async #search(timestamp: number, visible: number): Promise<number> {
    const log = this.#log
    for (let seq = await this.#blocks.segmentBefore((place) => place.latestBefore < timestamp); ; ) {
      const frames = seq === log.end ? [] : await log.read(seq, SCAN_BYTES)
      if (frames.length === 0) return visible
      for (const { payload } of frames) {
        if (this.#isAborted(payload)) continue
        const set = recordSetOf(this, payload, this.earliest, visible)
        for (let index = 0; index < set.count; index++) {
          if (set.timestamp(index) >= timestamp) return Math.min(set.offset(index), visible)
        }
      }
      seq += frames.length
    }
  }

  #isAborted(block: Buffer): boolean {
    const transaction = transactionOf(block)
    return transaction !== undefined && this.#ledger.transactions.isAborted(this.key, transaction)
  }

  async #appendBlocks<T>(
    pieces: readonly T[],
    pack: (piece: T, place: BlockPlace) => Buffer,
    now: number,
  ): Promise<void> {
    let base = this.end
    let latestBefore = this.#latest
    const blocks = pieces.map((piece) => {
      const block = pack(piece, { base, latestBefore, appended: now })
      base = nextOf(block)
      latestBefore = latestOf(block)
      return block
    })
    await orDiskFault(this.key, this.#appendAll(blocks))
    this.end = base
    this.#latest = latestBefore
  }

  /** Some of the blocks may be written when one is refused: nobody may see them, and the caller tries again (F-7). */
  async #appendAll(blocks: readonly Buffer[]): Promise<void> {
    const log = this.#log
    const before = log.end
    try {
      await Promise.all(blocks.map((block) => log.append([block])))
    } catch (error) {
      if (log.end > before) await log.truncate(before)
      throw error
    }
  }

  async #framesAt(from: number, maxBytes: number): Promise<readonly Frame[]> {
    const log = this.#log
    const blocks = this.#blocks
    try {
      const frames = await this.#use(blocks.find(from).then((seq) => log.read(seq, maxBytes)))
      for (const { payload, seq } of frames) blocks.remember(nextOf(payload), seq + 1)
      return frames
    } catch (error) {
      if (from < this.earliest) return []
      // Another process has compacted it.
      if (log !== this.#log) return this.#framesAt(from, maxBytes)
      throw error
    }
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }

  #use<T>(work: Promise<T>): Promise<T> {
    this.#using.add(work)
    const done = () => this.#using.delete(work)
    work.then(done, done)
    return work
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

const SCAN_BYTES = 1024 * 1024
