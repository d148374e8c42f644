import type { Log } from '../../../../engine/plugin.ts'
import { type BlockPlace, nextOf } from './block.ts'
import type { PackedBlock } from './columns.ts'
import { orDiskFault } from './faults.ts'
import { BlockIndex } from './index-of-blocks.ts'
import type { ReadMemory } from './read-memory.ts'

/**
 * The log of one partition, whose frames are blocks of records, found by what is in them. Another log can take its place
 * while it is read: what was begun on the old one ends there, or begins again.
 */
export class BlockLog {
  /** `topic/number`, for faults. */
  readonly #key: string
  #log: Log
  #index: BlockIndex
  /** Reads and syncs under way, which must end before their log goes. */
  readonly #using = new Set<Promise<unknown>>()

  constructor(key: string, log: Log) {
    this.#key = key
    this.#log = log
    this.#index = new BlockIndex(log)
  }

  /** The log that is in use. */
  get log(): Log {
    return this.#log
  }

  sync(): Promise<void> {
    return this.#use(orDiskFault(this.#key, this.#log.sync()))
  }

  /** All of the blocks, or none. Not durable before `sync`. */
  append(blocks: readonly PackedBlock[]): Promise<void> {
    return orDiskFault(this.#key, this.#appendAll(blocks))
  }

  /** The blocks from the one with this offset on, in all about `maxBytes` but at least one. Rejects where it is gone. */
  async read(offset: number, maxBytes: number, room: ReadMemory['room']): Promise<readonly Buffer[]> {
    const [log, index] = [this.#log, this.#index]
    try {
      const frames = await this.#use(index.find(offset).then((seq) => log.read(seq, maxBytes, room)))
      for (const { payload, seq } of frames) index.remember(nextOf(payload), seq + 1)
      return frames.map(({ payload }) => payload)
    } catch (error) {
      // Another process has compacted it.
      if (log !== this.#log) return this.read(offset, maxBytes, room)
      throw error
    }
  }

  /**
   * What `find` makes of the first block of which it makes anything, from the last segment on that begins with a block
   * of which `isBefore` is true; undefined when the log ends before.
   */
  search<T>(isBefore: (place: BlockPlace) => boolean, find: (block: Buffer) => T | undefined): Promise<T | undefined> {
    return this.#use(this.#search(isBefore, find))
  }

  /** Takes back every block from the one with this offset on, durably; undefined: all of them. */
  async truncate(offset: number | undefined): Promise<void> {
    const seq = offset === undefined ? this.#log.first : await this.#index.find(offset)
    await orDiskFault(this.#key, this.#log.truncate(seq))
    // Only now: a read that was under way may have remembered a block that is gone.
    this.#index.forget()
  }

  /**
   * The first block of the last segment before which every segment may go, the oldest first: `mayGo` judges one by the
   * first block behind it and the bytes from it on. Undefined when all stay.
   */
  async firstToKeep(mayGo: (next: BlockPlace, bytes: number) => boolean): Promise<Kept | undefined> {
    const { segments, end } = this.#log
    let { bytes } = this.#log
    let kept: Kept | undefined
    for (const [index, { first: seq }] of segments.slice(1).entries()) {
      if (seq === end) break
      const place = await this.#index.firstOf(seq)
      if (!mayGo(place, bytes)) break
      bytes -= segments[index]?.bytes ?? 0
      kept = { seq, base: place.base }
    }
    return kept
  }

  /** Drops the segments before the one that begins with this block. */
  drop({ seq }: Kept): Promise<void> {
    return orDiskFault(this.#key, this.#log.drop(seq))
  }

  /** From here on this log is in use; it may be the same one, changed by another process. */
  use(log: Log): void {
    this.#index = new BlockIndex(log)
    this.#log = log
  }

  /** Resolves when nothing that is under way now reads from the log, whichever was in use. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#using)
  }

  /** Some of the blocks may be written when one is refused: nobody may see them, and the caller tries again (F-7). */
  async #appendAll(blocks: readonly PackedBlock[]): Promise<void> {
    const log = this.#log
    const before = log.end
    try {
      await Promise.all(blocks.map((block) => log.append(block)))
    } catch (error) {
      if (log.end > before) await log.truncate(before)
      throw error
    }
  }

  async #search<T>(isBefore: (place: BlockPlace) => boolean, find: (block: Buffer) => T | undefined) {
    const log = this.#log
    for (let seq = await this.#index.segmentBefore(isBefore); seq < log.end; ) {
      const frames = await log.read(seq, SCAN_BYTES)
      for (const { payload } of frames) {
        const found = find(payload)
        if (found !== undefined) return found
      }
      if (frames.length === 0) return undefined
      seq += frames.length
    }
    return undefined
  }

  #use<T>(work: Promise<T>): Promise<T> {
    this.#using.add(work)
    const done = () => this.#using.delete(work)
    work.then(done, done)
    return work
  }
}

/** A block that stays where those before it go: its number, and its first offset. */
export interface Kept {
  readonly seq: number
  readonly base: number
}

const SCAN_BYTES = 1024 * 1024
