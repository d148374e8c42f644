import type { Header } from '../../../../engine/plugin.ts'
import type { RecordSet, TopicPartition } from '../port.ts'
import { CHECKED_JSON, type Columns, columnsIn, countOf, HEADERS, KEYS, nextOf, offsetIn } from './block.ts'
import { unpackHeaders } from './headers.ts'

/** The records of a block from an offset within it on; their values stay where they are. */
export function recordSetOf(place: TopicPartition, block: Buffer, part: BlockPart): RecordSet {
  return new BlockSet(place, block, part)
}

export interface BlockPart extends Pick<RecordSet, 'end' | 'release'> {
  readonly from: number
}

/** No records: where to go on behind what is none. */
export function noRecords(
  { topic, partition }: TopicPartition,
  { next, end, release }: Pick<RecordSet, 'next' | 'end' | 'release'>,
): RecordSet {
  const nothing = { count: 0, data: NOTHING, starts: NO_BOUNDS, ends: NO_BOUNDS }
  const none = () => {
    throw new RangeError('there are no records in this set')
  }
  return {
    ...{ topic, partition, ...nothing, next, end, release },
    ...{ isTombstone: none, key: none, timestamp: none, headers: none, offset: none },
  }
}

/** Of the first record at or behind this offset. */
function indexIn(block: Buffer, from: number): number {
  const columns = columnsIn(block)
  let low = 0
  let high = countOf(block)
  while (low < high) {
    const middle = (low + high) >> 1
    if (offsetIn(block, columns, middle) < from) low = middle + 1
    else high = middle
  }
  return low
}

class BlockSet implements RecordSet {
  readonly topic: string
  readonly partition: number
  readonly count: number
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  readonly next: number
  readonly end: number
  readonly release: (() => void) | undefined
  /** Records of the block before the first of this set. */
  readonly #skipped: number
  readonly #columns: Columns
  #keys: Uint32Array | undefined
  #headers: Uint32Array | undefined

  constructor({ topic, partition }: TopicPartition, block: Buffer, { from, end, release }: BlockPart) {
    const skipped = indexIn(block, from)
    this.topic = topic
    this.partition = partition
    this.data = block
    this.count = countOf(block) - skipped
    this.starts = new Uint32Array(this.count)
    this.ends = new Uint32Array(this.count)
    this.next = nextOf(block)
    this.end = end
    this.release = release
    this.#skipped = skipped
    this.#columns = columnsIn(block)
    this.#findValues()
  }

  get checkedBy(): string | undefined {
    return this.#columns.flags & CHECKED_JSON ? 'json' : undefined
  }

  isTombstone(index: number): boolean {
    return this.#lengthIn(this.#columns.values, index + this.#skipped) === -1
  }

  key(index: number): Uint8Array | null {
    if (!(this.#columns.flags & KEYS) || this.#lengthIn(this.#columns.keys, index + this.#skipped) === -1) return null
    this.#keys ??= this.#boundsOf(this.#columns.keys, this.#endOfValues())
    return this.#piece(this.#keys, index)
  }

  timestamp(index: number): number {
    return this.data.readDoubleLE(this.#columns.timestamps + 8 * (index + this.#skipped))
  }

  headers(index: number): readonly Header[] {
    if (!(this.#columns.flags & HEADERS)) return NO_HEADERS
    this.#headers ??= this.#boundsOf(this.#columns.headers, this.#endOfKeys())
    return unpackHeaders(this.#piece(this.#headers, index))
  }

  offset(index: number): number {
    return offsetIn(this.data, this.#columns, index + this.#skipped)
  }

  #findValues(): void {
    const { data, starts, ends } = this
    const skipped = this.#skipped
    let at = this.#columns.data
    for (let index = 0; index < skipped; index++) at += Math.max(0, this.#lengthIn(this.#columns.values, index)) + 1
    let column = this.#columns.values + 4 * skipped
    for (let index = 0; index < this.count; index++, column += 4) {
      starts[index] = at
      at += Math.max(0, data.readInt32LE(column))
      ends[index] = at++
    }
  }

  /** A set ends with its block, so the last value of both is the same. */
  #endOfValues(): number {
    return (this.ends[this.count - 1] as number) + 1
  }

  #endOfKeys(): number {
    if (!(this.#columns.flags & KEYS)) return this.#endOfValues()
    this.#keys ??= this.#boundsOf(this.#columns.keys, this.#endOfValues())
    return this.#keys.at(-1) as number
  }

  /** Where the pieces of a column begin that stand one behind the other from `start` on, and where the last ends. */
  #boundsOf(column: number, start: number): Uint32Array {
    const count = this.count + this.#skipped
    const bounds = new Uint32Array(count + 1)
    let at = start
    for (let index = 0; index < count; index++) {
      bounds[index] = at
      at += Math.max(0, this.#lengthIn(column, index))
    }
    bounds[count] = at
    return bounds
  }

  #piece(bounds: Uint32Array, index: number): Buffer {
    return this.data.subarray(bounds[index + this.#skipped], bounds[index + this.#skipped + 1])
  }

  #lengthIn(column: number, index: number): number {
    return this.data.readInt32LE(column + 4 * index)
  }
}

const NO_HEADERS: readonly Header[] = Object.freeze([])
const NOTHING = Buffer.alloc(0)
const NO_BOUNDS = new Uint32Array(0)
