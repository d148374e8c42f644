import type { Log } from '../../../../engine/plugin.ts'
import type { ProducerRecord, RecordSet, TopicPartition } from '../port.ts'
import { nextOf, packBlock, placeOf, sizeOf, transactionOf } from './block.ts'
import { BLOCK_BYTES } from './blocks.ts'
import { recordSetOf } from './record-set.ts'

/** What of a partition is compacted, and how. */
export interface CompactionPlan {
  readonly place: TopicPartition
  readonly source: Log
  /** Records before this offset were compacted before: there is one for each key. */
  readonly clean: number
  /** Blocks that end at or before this offset are compacted; those behind stay as they are. */
  readonly bound: number
  readonly isAborted: (transaction: number) => boolean
  readonly now: number
  readonly tombstoneMs: number
}

/** The newest record of each key, as far as memory allows: `bound` is where that ends. */
export interface Newest {
  readonly offsets: ReadonlyMap<string, number>
  readonly bound: number
}

/** Looks through the blocks that were not compacted yet. */
export async function findNewest(plan: CompactionPlan, mostKeys = MOST_KEYS): Promise<Newest> {
  const offsets = new Map<string, number>()
  for await (const block of blocksOf(plan.source, plan.source.first, plan.source.end)) {
    const { base } = placeOf(block)
    if (nextOf(block) > plan.bound || offsets.size >= mostKeys) return { offsets, bound: Math.min(base, plan.bound) }
    if (nextOf(block) <= plan.clean || isAborted(plan, block)) continue
    const set = recordSetOf(plan.place, block, { from: base, end: plan.bound })
    for (let index = 0; index < set.count; index++) offsets.set(keyOf(set, index), set.offset(index))
  }
  return { offsets, bound: plan.bound }
}

/**
 * Writes the compacted blocks to `target`, and gives the number of the first block of the source that was not. A
 * tombstone goes when it has stood behind what it removes for as long as it is to: that time begins with the compaction
 * that removed those, and is kept as the time of its block.
 */
export async function copyCompacted(plan: CompactionPlan, newest: Newest, target: Log): Promise<number> {
  const blocks = new BlockWriter(target)
  let seq = plan.source.first
  for await (const block of blocksOf(plan.source, seq, plan.source.end)) {
    if (nextOf(block) > newest.bound) break
    seq += 1
    if (isAborted(plan, block)) continue
    const { base, latestBefore, appended } = placeOf(block)
    const isClean = nextOf(block) <= plan.clean
    const set = recordSetOf(plan.place, block, { from: base, end: newest.bound })
    const since = isClean ? appended : plan.now
    for (let index = 0; index < set.count; index++) {
      if ((newest.offsets.get(keyOf(set, index)) ?? -1) > set.offset(index)) continue
      if (isClean && set.isTombstone(index) && appended + plan.tombstoneMs <= plan.now) continue
      await blocks.add(recordOf(set, index), set.offset(index), { latestBefore, appended: since })
    }
  }
  await blocks.end()
  return seq
}

/** Blocks as they are. */
export async function copyBlocks(source: Log, target: Log, from: number, to: number): Promise<void> {
  for await (const block of blocksOf(source, from, to)) await target.append([block])
}

/** Keys in memory at a time, some 100 bytes each; where there are more, it takes several runs (I-6). */
const MOST_KEYS = 500_000
const READ_BYTES = 1024 * 1024
/** Offsets in a block are kept as distances from the first, in 32 bits. */
const WIDEST_BLOCK = 2 ** 31

async function* blocksOf(log: Log, from: number, to: number): AsyncGenerator<Buffer> {
  for (let seq = from; seq < to; ) {
    for (const { payload } of await log.read(seq, READ_BYTES)) {
      if (seq === to) return
      seq += 1
      yield payload
    }
  }
}

function isAborted(plan: CompactionPlan, block: Buffer): boolean {
  const transaction = transactionOf(block)
  return transaction !== undefined && plan.isAborted(transaction)
}

function keyOf(set: RecordSet, index: number): string {
  return Buffer.from(set.key(index) ?? []).toString('latin1')
}

function recordOf(set: RecordSet, index: number): ProducerRecord {
  return {
    key: set.key(index),
    value: set.isTombstone(index) ? null : set.data.subarray(set.starts[index], set.ends[index]),
    timestamp: set.timestamp(index),
    headers: set.headers(index),
  }
}

type Times = { readonly latestBefore: number; readonly appended: number }

/** Joins what is left of many blocks to few. */
class BlockWriter {
  readonly #target: Log
  #records: ProducerRecord[] = []
  #offsets: number[] = []
  #bytes = 0
  #latestBefore = 0
  #appended = Number.NEGATIVE_INFINITY

  constructor(target: Log) {
    this.#target = target
  }

  async add(record: ProducerRecord, offset: number, { latestBefore, appended }: Times): Promise<void> {
    const isFull = this.#bytes + sizeOf(record) > BLOCK_BYTES || offset - (this.#offsets[0] ?? offset) > WIDEST_BLOCK
    if (isFull) await this.end()
    if (this.#records.length === 0) this.#latestBefore = latestBefore
    this.#records.push(record)
    this.#offsets.push(offset)
    this.#bytes += sizeOf(record)
    // A tombstone may stay longer than it has to, never less.
    this.#appended = Math.max(this.#appended, appended)
  }

  async end(): Promise<void> {
    const base = this.#offsets[0]
    if (base === undefined) return
    const place = { base, latestBefore: this.#latestBefore, appended: this.#appended }
    await this.#target.append([packBlock(this.#records, place, { offsets: this.#offsets })])
    this.#records = []
    this.#offsets = []
    this.#bytes = 0
    this.#appended = Number.NEGATIVE_INFINITY
  }
}
