import { StreamrunError } from '../../../../engine/plugin.ts'
import { whenLast } from '../../memory-pool.ts'
import type { RecordSet, TopicPartition } from '../port.ts'
import { type BlockPlace, nextOf, placeOf, transactionOf } from './block.ts'
import type { BlockLog } from './block-log.ts'
import type { LedgerView } from './ledger.ts'
import { ReadMemory, type ReadPool } from './read-memory.ts'
import { type BlockPart, noRecords, recordSetOf } from './record-set.ts'

/** A partition, as far as who reads it has to do with it. */
export interface Readable extends TopicPartition {
  /** `topic/number`, as in the ledger. */
  readonly key: string
  readonly earliest: number
  /** Behind the last record that may be read. */
  readonly visible: number
  readonly isCompacted: boolean
}

/** The reading half of a partition. Nobody sees what was aborted. */
export class PartitionReader {
  readonly #partition: Readable
  readonly #blocks: BlockLog
  readonly #ledger: LedgerView

  constructor(partition: Readable, blocks: BlockLog, ledger: LedgerView) {
    this.#partition = partition
    this.#blocks = blocks
    this.#ledger = ledger
  }

  /** Sets from an offset within the range on, in all about `maxBytes`; none when retention was faster. */
  async read(from: number, maxBytes: number, pool: ReadPool): Promise<readonly RecordSet[]> {
    const partition = this.#partition
    const { visible: end, key } = partition
    const memory = new ReadMemory(pool)
    const read = await this.#blocksAt(from, maxBytes, memory)
    const blocks = read.filter((block) => placeOf(block).base < end)
    const release = whenLast(blocks.length, memory.giveBack)
    if (blocks.length > 0) return blocks.map((block) => this.#setOf(block, { from, end, release }))
    if (from < partition.earliest) return []
    // What stood between here and the end was compacted away.
    if (partition.isCompacted) return [noRecords(partition, { next: end, end })]
    throw new StreamrunError('SR_DEFECT', `offset ${from} of ${key} is not where it should be`)
  }

  /** The first offset whose record is not older than this time; the end of what may be read where there is none. */
  async offsetAt(timestamp: number): Promise<number> {
    const { earliest, visible } = this.#partition
    const isBefore = ({ latestBefore }: BlockPlace) => latestBefore < timestamp
    try {
      return (await this.#blocks.search(isBefore, (block) => this.#offsetIn(block, timestamp, visible))) ?? visible
    } catch (error) {
      // Retention was faster: from the blocks that are left.
      if (this.#partition.earliest > earliest) return this.offsetAt(timestamp)
      throw error
    }
  }

  #setOf(block: Buffer, part: BlockPart): RecordSet {
    if (!this.#isAborted(block)) return recordSetOf(this.#partition, block, part)
    return noRecords(this.#partition, { ...part, next: nextOf(block) })
  }

  /** None when retention was faster. */
  async #blocksAt(from: number, maxBytes: number, { room }: ReadMemory): Promise<readonly Buffer[]> {
    try {
      return await this.#blocks.read(from, maxBytes, room)
    } catch (error) {
      if (from < this.#partition.earliest) return []
      throw error
    }
  }

  /** The first offset in a block whose record is not older than this time. */
  #offsetIn(block: Buffer, timestamp: number, visible: number): number | undefined {
    if (this.#isAborted(block)) return undefined
    const set = recordSetOf(this.#partition, block, { from: this.#partition.earliest, end: visible })
    for (let index = 0; index < set.count; index++) {
      if (set.timestamp(index) >= timestamp) return Math.min(set.offset(index), visible)
    }
    return undefined
  }

  #isAborted(block: Buffer): boolean {
    const transaction = transactionOf(block)
    return transaction !== undefined && this.#ledger.transactions.isAborted(this.#partition.key, transaction)
  }
}
