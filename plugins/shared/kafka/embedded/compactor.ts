import { errorCode } from '../../../../engine/plugin.ts'
import type { TopicPartition } from '../port.ts'
import { placeOf } from './block.ts'
import type { BlockLog } from './block-log.ts'
import { boundsOf, lastBlock } from './bounds.ts'
import { copyBlocks, copyCompacted, findNewest } from './compaction.ts'
import { orDiskFault } from './faults.ts'
import type { LedgerView } from './ledger.ts'
import type { PartitionLogs } from './partition-logs.ts'

/** The partition of a compacted topic, as far as compaction has to do with it. */
export interface Compactable {
  readonly place: TopicPartition
  /** `topic/number`, as in the ledger. */
  readonly key: string
  readonly blocks: BlockLog
  readonly logs: PartitionLogs
  readonly ledger: LedgerView
  readonly segmentSize: number
  /** How long tombstones stay, ms. */
  readonly tombstoneMs: number
  /** The offset before which nothing is ever taken back or aborted. */
  settled(): number
  /** Nothing is appended while `work` lasts. */
  alone(work: () => Promise<void>): Promise<void>
  /** The first block of the log begins with another offset now. */
  beginsAt(offset: number): void
}

/** Compacts one partition whenever its log has doubled: copies what is to stay into another log, which takes its place. */
export class Compactor {
  readonly #partition: Compactable
  #atWork: Promise<void> | undefined
  /** Bytes of the log when a full disk kept it from being compacted. */
  #failedAt = 0

  constructor(partition: Compactable) {
    this.#partition = partition
  }

  /** Keeps the newest record of each key, when enough has come since the last time. Appends and reads go on meanwhile. */
  async compact(now: number): Promise<void> {
    if (this.#atWork !== undefined || !this.#isDirty) return
    this.#atWork = this.#compact(now).finally(() => {
      this.#atWork = undefined
    })
    await this.#atWork
  }

  /** Resolves when nothing is being compacted, and rejects with what kept it from being. */
  async idle(): Promise<void> {
    await this.#atWork
  }

  /** Doubled since the last time, and worth it. */
  get #isDirty(): boolean {
    const { blocks, ledger, key, segmentSize } = this.#partition
    const before = Math.max(ledger.rewritten(key).bytes, this.#failedAt)
    return blocks.log.bytes - before >= Math.max(before, segmentSize)
  }

  async #compact(now: number): Promise<void> {
    const { place, key, blocks, logs, ledger, tombstoneMs } = this.#partition
    const source = blocks.log
    const plan = {
      ...{ place, source, now, tombstoneMs, clean: ledger.rewritten(key).clean },
      // Offsets go on from the last block.
      bound: Math.min(this.#partition.settled(), placeOf((await lastBlock(source)) as Buffer).base),
      isAborted: (transaction: number) => ledger.transactions.isAborted(key, transaction),
    }
    const newest = await findNewest(plan)
    if (newest.bound <= plan.clean) return
    const target = await orDiskFault(key, logs.openNext())
    try {
      const rest = await copyCompacted(plan, newest, target)
      const seen = source.end
      await copyBlocks(source, target, rest, seen)
      await this.#partition.alone(async () => {
        await copyBlocks(source, target, seen, source.end)
        await target.sync()
        const { first } = await boundsOf(key, target, undefined)
        // Where there were too many keys, the next time comes soon.
        await logs.useNext(newest.bound, newest.bound < plan.bound ? 0 : target.bytes)
        blocks.use(target)
        this.#partition.beginsAt(first)
      })
    } catch (error) {
      if (blocks.log === source) await target.close().catch(() => {})
      if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') throw error
      this.#failedAt = source.bytes
      return
    }
    await blocks.idle()
    await source.close()
    await orDiskFault(key, logs.removeOther())
  }
}
