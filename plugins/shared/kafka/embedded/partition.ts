import { type Log, openLog, type Storage, StreamrunError } from '../../../../engine/plugin.ts'
import type { OffsetRange, ProducerColumns, ProducerRecord, RecordSet, TopicPartition } from '../port.ts'
import { type BlockPlace, latestOf, nextOf, packBlock, placeOf } from './block.ts'
import { cutColumns, cutIntoBlocks } from './blocks.ts'
import { packColumns } from './columns.ts'
import { offsetsFault, orDiskFault } from './faults.ts'
import { BlockIndex } from './index-of-blocks.ts'
import { recordSetOf } from './record-set.ts'

export interface PartitionSettings {
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly segmentSize: number
}

/**
 * One partition: a log whose frames are blocks of records. Offsets are counted here, in records, and never used twice
 * for what somebody may have committed: what is cut off is only what its writer takes back.
 */
export class Partition implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** `topic/number`, as in the ledger. */
  readonly key: string
  /** Records before it are gone. */
  earliest: number
  /** Behind the last record of the last whole `append`. */
  end: number
  /** Records before it are never taken back. */
  covered: number
  /** Its writer is here and has taken back what it had to: what it writes may be read before it is covered. */
  isAhead = false
  readonly #log: Log
  readonly #blocks: BlockIndex
  readonly #settings: PartitionSettings
  /** The latest timestamp so far. */
  #latest: number

  constructor(place: TopicPartition, log: Log, settings: PartitionSettings, bounds: Bounds) {
    this.topic = place.topic
    this.partition = place.partition
    this.key = keyOf(place)
    this.earliest = bounds.earliest
    this.end = bounds.end
    this.covered = bounds.covered
    this.#log = log
    this.#blocks = new BlockIndex(log)
    this.#settings = settings
    this.#latest = bounds.latest
  }

  /** Behind the last record that may be read. */
  get visible(): number {
    return this.isAhead ? this.end : this.covered
  }

  get range(): OffsetRange {
    return { earliest: this.earliest, latest: this.visible }
  }

  /** All of the records, or none. Not durable before `sync`. */
  append(records: readonly ProducerRecord[], now: number): Promise<void> {
    return this.#appendBlocks(cutIntoBlocks(records), packBlock, now)
  }

  /** As `append`. */
  appendColumns(columns: ProducerColumns, now: number): Promise<void> {
    return this.#appendBlocks(cutColumns(columns), packColumns, now)
  }

  sync(): Promise<void> {
    return orDiskFault(this.key, this.#log.sync())
  }

  /** Sets from an offset within the range on, in all about `maxBytes`; none when retention was faster. */
  async read(from: number, maxBytes: number): Promise<readonly RecordSet[]> {
    const end = this.visible
    const sets: RecordSet[] = []
    for (const { payload, seq } of await this.#framesAt(from, maxBytes)) {
      if (placeOf(payload).base >= end) break
      this.#blocks.remember(nextOf(payload), seq + 1)
      sets.push(recordSetOf(this, payload, from, end))
    }
    if (sets.length > 0 || from < this.earliest) return sets
    throw new StreamrunError('SR_DEFECT', `offset ${from} of ${this.key} is not where it should be`)
  }

  /** The first offset whose record is not older than this time; the end of what may be read where there is none. */
  async offsetAt(timestamp: number): Promise<number> {
    const { earliest, visible } = this
    return this.#search(timestamp, visible).catch((error: unknown) => {
      // Retention was faster: from the blocks that are left.
      if (this.earliest > earliest) return this.offsetAt(timestamp)
      throw error
    })
  }

  /** Takes back the records from `end` on, durably. It is where a block ends, since only whole sends are committed. */
  async truncate(end: number): Promise<void> {
    if (end === this.end) return
    if (end > this.end) throw offsetsFault(`${this.key} ends at ${this.end}, but its writer has committed up to ${end}`)
    const seq = end === this.earliest ? this.#log.first : await this.#blocks.find(end)
    await orDiskFault(this.key, this.#log.truncate(seq))
    // Only now: a read that was under way may have remembered a block that is gone.
    this.#blocks.forget()
    this.end = end
    this.#latest = await latestIn(this.#log)
  }

  /**
   * Retention: whole segments, the oldest first. The block before `covered` stays whatever happens: offsets go on from
   * it. Gives how many records went.
   */
  async expire(now: number): Promise<number> {
    const { retentionBytes, retentionMs } = this.#settings
    const before = this.earliest
    let { bytes } = this.#log
    let keep = this.#log.first
    for (const [index, { first }] of this.#log.segments.slice(1).entries()) {
      if (first === this.#log.end) break
      const { base, appended } = await this.#blocks.firstOf(first)
      // Everything in the segments before this one is older than its first block.
      if (base >= this.covered || (bytes <= retentionBytes && appended >= now - retentionMs)) break
      bytes -= this.#log.segments[index]?.bytes ?? 0
      keep = first
      this.earliest = base
    }
    if (keep > this.#log.first) await orDiskFault(this.key, this.#log.drop(keep))
    return this.earliest - before
  }

  /** Where another process writes: what is there now, as `log` shows it. */
  async look(covered: number | undefined, log: Log): Promise<void> {
    const bounds = await boundsOf(this.key, log, covered)
    this.#blocks.forget()
    this.earliest = bounds.earliest
    this.end = bounds.end
    this.covered = bounds.covered
  }

  close(): Promise<void> {
    return this.#log.close()
  }

  async #search(timestamp: number, visible: number): Promise<number> {
    for (let seq = await this.#blocks.segmentBefore((place) => place.latestBefore < timestamp); ; ) {
      const frames = seq === this.#log.end ? [] : await this.#log.read(seq, SCAN_BYTES)
      if (frames.length === 0) return visible
      for (const { payload } of frames) {
        const set = recordSetOf(this, payload, 0, visible)
        for (let index = 0; index < set.count; index++) {
          if (set.timestamp(index) >= timestamp) return Math.min(set.offset(index), visible)
        }
      }
      seq += frames.length
    }
  }

  async #appendBlocks<T>(
    pieces: readonly T[],
    pack: (piece: T, place: BlockPlace) => Buffer,
    now: number,
  ): Promise<void> {
    const before = this.#log.end
    let base = this.end
    let latestBefore = this.#latest
    const blocks = pieces.map((piece) => {
      const block = pack(piece, { base, latestBefore, appended: now })
      base = nextOf(block)
      latestBefore = latestOf(block)
      return block
    })
    await orDiskFault(this.key, this.#appendAll(blocks, before))
    this.end = base
    this.#latest = latestBefore
  }

  /** Some of the blocks may be written when one is refused: nobody may see them, and the caller tries again (F-7). */
  async #appendAll(blocks: readonly Buffer[], before: number): Promise<void> {
    try {
      await Promise.all(blocks.map((block) => this.#log.append([block])))
    } catch (error) {
      if (this.#log.end > before) await this.#log.truncate(before)
      throw error
    }
  }

  async #framesAt(from: number, maxBytes: number) {
    try {
      return await this.#log.read(await this.#blocks.find(from), maxBytes)
    } catch (error) {
      if (from < this.earliest) return []
      throw error
    }
  }
}

export interface Bounds {
  readonly earliest: number
  readonly end: number
  readonly covered: number
  readonly latest: number
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** `covered`: as the ledger has it; undefined when all of it is. */
export async function openPartition(
  storage: Storage,
  folder: string,
  place: TopicPartition,
  settings: PartitionSettings,
  covered: number | undefined,
): Promise<Partition> {
  const opening = openLog(storage, folder, { segmentSize: settings.segmentSize, sync: 'always' })
  const log = await orDiskFault(keyOf(place), opening)
  return partitionOn(log, place, settings, covered)
}

/** On an open log, which it closes when it refuses it. */
export async function partitionOn(
  log: Log,
  place: TopicPartition,
  settings: PartitionSettings,
  covered: number | undefined,
): Promise<Partition> {
  try {
    return new Partition(place, log, settings, await boundsOf(keyOf(place), log, covered))
  } catch (error) {
    await log.close()
    throw error
  }
}

/** What a log holds, and how far it is covered. */
async function boundsOf(key: string, log: Log, covered: number | undefined): Promise<Bounds> {
  const [first] = await log.read(log.first, 1)
  const end = await endOf(log)
  if (covered !== undefined && covered > end) {
    throw offsetsFault(`${key} ends at ${end}, but its records up to ${covered} are committed`)
  }
  return {
    earliest: first === undefined ? end : placeOf(first.payload).base,
    end,
    covered: covered ?? end,
    latest: await latestIn(log),
  }
}

const SCAN_BYTES = 1024 * 1024

async function endOf(log: Log): Promise<number> {
  const last = await lastBlock(log)
  return last === undefined ? 0 : nextOf(last)
}

async function latestIn(log: Log): Promise<number> {
  const last = await lastBlock(log)
  return last === undefined ? Number.NEGATIVE_INFINITY : latestOf(last)
}

async function lastBlock(log: Log): Promise<Buffer | undefined> {
  if (log.end === log.first) return undefined
  return (await log.read(log.end - 1, 1))[0]?.payload
}
