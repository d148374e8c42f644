import { type Log, StreamrunError } from '../../../../engine/plugin.ts'
import { type BlockPlace, nextOf, placeOf } from './block.ts'

/**
 * Finds blocks by what only grows from one to the next: a binary search over the first blocks of the segments, then a
 * look through one segment. Where a reader goes on is remembered.
 */
export class BlockIndex {
  readonly #log: Log
  /** The first block of a segment, by its number. */
  readonly #first = new Map<number, BlockPlace>()
  /** Offset -> the number of the block that begins with it. */
  readonly #places = new Map<number, number>()

  constructor(log: Log) {
    this.#log = log
  }

  /** The number of the block that holds this offset. */
  async find(offset: number): Promise<number> {
    const known = this.#places.get(offset)
    if (known !== undefined) return known
    for (let seq = await this.segmentBefore(({ base }) => base <= offset); seq < this.#log.end; ) {
      const frames = await this.#log.read(seq, SCAN_BYTES)
      const found = frames.find(({ payload }) => nextOf(payload) > offset)
      if (found !== undefined) return found.seq
      seq += frames.length
    }
    throw new StreamrunError('SR_DEFECT', `no block holds offset ${offset}`)
  }

  /** The number of the first block of the last segment that begins with such a block; else of the first segment. */
  async segmentBefore(isBefore: (place: BlockPlace) => boolean): Promise<number> {
    const firsts = this.#log.segments.map(({ first }) => first).filter((first) => first < this.#log.end)
    let low = 0
    let high = firsts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (isBefore(await this.firstOf(firsts[middle] as number))) low = middle
      else high = middle
    }
    return firsts[low] ?? this.#log.end
  }

  /** The block of this number, the first of a segment. */
  async firstOf(seq: number): Promise<BlockPlace> {
    const known = this.#first.get(seq)
    if (known !== undefined) return known
    const [frame] = await this.#log.read(seq, 1)
    if (frame === undefined) throw new StreamrunError('SR_DEFECT', `there is no block ${seq}`)
    const place = placeOf(frame.payload)
    this.#first.set(seq, place)
    if (this.#first.size > MOST_SEGMENTS) this.#first.delete(this.#first.keys().next().value as number)
    return place
  }

  /** The block that begins with this offset is, or will be, of this number. */
  remember(offset: number, seq: number): void {
    this.#places.delete(offset)
    this.#places.set(offset, seq)
    if (this.#places.size > MOST_PLACES) this.#places.delete(this.#places.keys().next().value as number)
  }

  /** Blocks were taken back: their numbers will be those of others. */
  forget(): void {
    this.#first.clear()
    this.#places.clear()
  }
}

const SCAN_BYTES = 1024 * 1024
const MOST_SEGMENTS = 4096
const MOST_PLACES = 64
