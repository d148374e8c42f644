import type { ProducerRecord } from '../port.ts'
import { packHeaders } from './headers.ts'

/**
 * The payload of one frame of a partition's log: a block of at least one record. Numbers are little-endian.
 *
 *      0   8  base             offset of the first record; the others follow without gaps, but for column 4; a double
 *      8   8  latest before    the latest timestamp of all records before this block, -Infinity without any; a double
 *     16   8  appended         when it was written, epoch milliseconds; a double
 *     24   4  count            records
 *     28   4  columns          a sum: 1 keys, 2 headers, 4 offsets, 8 transaction; and 16 where all values have passed the codec json
 *     32  4n  values           their lengths; -1 for a tombstone, which has none
 *         8n  timestamps       epoch milliseconds; doubles
 *         4n  keys             their lengths, -1 for none; only with column 1
 *         4n  headers          their lengths, as in headers.ts; only with column 2
 *         4n  offsets          less the base; only with column 4, where compaction has left gaps
 *          8  transaction      its number; a double; only with column 8
 *         ..  the values       each followed by 0x0A when it holds none itself, by 0x00 otherwise
 *         ..  the keys         one behind the other
 *         ..  the headers      likewise
 *
 * So a value that is one line of text is a line of text in the block. `latest before` grows from block to block:
 * records can be found by their time although their times need not be in order.
 */
export function packBlock(records: readonly ProducerRecord[], place: BlockPlace, marks: BlockMarks = {}): Buffer {
  const headers = records.some((record) => record.headers.length > 0) ? records.map(packHeaders) : undefined
  const keyed = records.some(({ key }) => key !== null)
  const columns = columnsOf(records.length, flagsOf(keyed, headers !== undefined, marks))
  const block = Buffer.allocUnsafe(columns.data + records.length + bytesOf(records, headers))
  packHead(block, records.length, columns.flags, place)
  packMarks(block, columns, place.base, marks)
  let at = packValues(block, columns, records)
  if (keyed) at = packKeys(block, columns, records, at)
  if (headers !== undefined) packColumn(block, columns.headers, headers, at)
  return block
}

/** Where a block stands, and when. */
export interface BlockPlace {
  readonly base: number
  readonly latestBefore: number
  readonly appended: number
}

export interface BlockMarks {
  /** Of each record, growing from the base on; left out: there are no gaps. */
  readonly offsets?: readonly number[]
  /** Number of the transaction that wrote it. */
  readonly transaction?: number | undefined
}

/** What one record adds to a block, headers aside, beside its terminator and its part of the columns. */
export function sizeOf({ key, value }: ProducerRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

export function placeOf(block: Buffer): BlockPlace {
  return { base: block.readDoubleLE(0), latestBefore: block.readDoubleLE(8), appended: block.readDoubleLE(16) }
}

export function countOf(block: Buffer): number {
  return block.readUInt32LE(24)
}

/** The offset behind its last record. */
export function nextOf(block: Buffer): number {
  const count = countOf(block)
  return offsetIn(block, columnsIn(block), count - 1) + 1
}

export function offsetIn(block: Buffer, { flags, offsets }: Columns, index: number): number {
  return block.readDoubleLE(0) + (flags & OFFSETS ? block.readUInt32LE(offsets + 4 * index) : index)
}

/** The number of the transaction that wrote it. */
export function transactionOf(block: Buffer): number | undefined {
  const { flags, transaction } = columnsIn(block)
  return flags & TRANSACTION ? block.readDoubleLE(transaction) : undefined
}

/** The latest timestamp of all records up to the last of this block. */
export function latestOf(block: Buffer): number {
  const { timestamps } = columnsIn(block)
  let latest = block.readDoubleLE(8)
  for (let index = 0; index < countOf(block); index++) {
    latest = Math.max(latest, block.readDoubleLE(timestamps + 8 * index))
  }
  return latest
}

/** Where the columns of a block begin, and the data behind them. */
export interface Columns {
  readonly flags: number
  readonly values: number
  readonly timestamps: number
  readonly keys: number
  readonly headers: number
  readonly offsets: number
  readonly transaction: number
  readonly data: number
}

export function columnsIn(block: Buffer): Columns {
  return columnsOf(countOf(block), block.readUInt32LE(28))
}

/** Bits of `columns`. */
export const KEYS = 1
export const HEADERS = 2
const OFFSETS = 4
const TRANSACTION = 8
/** A block is read back as it was written, or not at all: its checksum vouches for what was checked before. */
export const CHECKED_JSON = 16

const HEAD = 32
const LINE_END = 0x0a

export function columnsOf(count: number, flags: number): Columns {
  const timestamps = HEAD + 4 * count
  const keys = timestamps + 8 * count
  const headers = keys + (flags & KEYS ? 4 * count : 0)
  const offsets = headers + (flags & HEADERS ? 4 * count : 0)
  const transaction = offsets + (flags & OFFSETS ? 4 * count : 0)
  const data = transaction + (flags & TRANSACTION ? 8 : 0)
  return { flags, values: HEAD, timestamps, keys, headers, offsets, transaction, data }
}

function flagsOf(keyed: boolean, headed: boolean, { offsets, transaction }: BlockMarks): number {
  const marks = (offsets === undefined ? 0 : OFFSETS) | (transaction === undefined ? 0 : TRANSACTION)
  return (keyed ? KEYS : 0) | (headed ? HEADERS : 0) | marks
}

function bytesOf(records: readonly ProducerRecord[], headers: readonly Buffer[] | undefined): number {
  const bytes = records.reduce((sum, record) => sum + sizeOf(record), 0)
  return (headers ?? []).reduce((sum, { length }) => sum + length, bytes)
}

export function packHead(block: Buffer, count: number, flags: number, place: BlockPlace): void {
  block.writeDoubleLE(place.base, 0)
  block.writeDoubleLE(place.latestBefore, 8)
  block.writeDoubleLE(place.appended, 16)
  block.writeUInt32LE(count, 24)
  block.writeUInt32LE(flags, 28)
}

function packMarks(block: Buffer, columns: Columns, base: number, { offsets = [], transaction }: BlockMarks): void {
  for (const [index, offset] of offsets.entries()) block.writeUInt32LE(offset - base, columns.offsets + 4 * index)
  if (transaction !== undefined) block.writeDoubleLE(transaction, columns.transaction)
}

/** Gives where the values end. */
function packValues(block: Buffer, columns: Columns, records: readonly ProducerRecord[]): number {
  const ends = new Uint32Array(records.length)
  let at = columns.data
  for (let index = 0; index < records.length; index++) {
    const { value, timestamp } = records[index] as ProducerRecord
    block.writeInt32LE(value?.length ?? -1, columns.values + 4 * index)
    block.writeDoubleLE(timestamp, columns.timestamps + 8 * index)
    if (value !== null) {
      block.set(value, at)
      at += value.length
    }
    ends[index] = at
    block[at++] = 0
  }
  terminateLines(block, columns.data, ends)
  return at
}

/** Looks through all values at once: most blocks hold no line end at all. */
function terminateLines(block: Buffer, start: number, ends: Uint32Array): void {
  const last = ends.at(-1) as number
  let found = nextLineEnd(block, start, last)
  for (const end of ends) {
    if (found < end) found = nextLineEnd(block, end + 1, last)
    else block[end] = LINE_END
  }
}

function nextLineEnd(block: Buffer, from: number, last: number): number {
  const found = from > last ? -1 : block.subarray(0, last).indexOf(LINE_END, from)
  return found === -1 ? Number.POSITIVE_INFINITY : found
}

function packKeys(block: Buffer, columns: Columns, records: readonly ProducerRecord[], start: number): number {
  let at = start
  for (let index = 0; index < records.length; index++) {
    const { key } = records[index] as ProducerRecord
    block.writeInt32LE(key?.length ?? -1, columns.keys + 4 * index)
    if (key === null) continue
    block.set(key, at)
    at += key.length
  }
  return at
}

function packColumn(block: Buffer, column: number, pieces: readonly Buffer[], start: number): void {
  let at = start
  for (const [index, piece] of pieces.entries()) {
    block.writeInt32LE(piece.length, column + 4 * index)
    at += piece.copy(block, at)
  }
}
