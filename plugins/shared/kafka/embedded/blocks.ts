import type { ProducerColumns, ProducerRecord } from '../port.ts'
import { sizeOf } from './block.ts'

/** Cuts the records of one call so that a reader never has to take in much more than it asked for. */
export function cutIntoBlocks(records: readonly ProducerRecord[]): readonly (readonly ProducerRecord[])[] {
  const ranges = rangesOf(records.length, (index) => sizeOf(records[index] as ProducerRecord))
  return ranges.map(([from, to]) => records.slice(from, to))
}

export function cutColumns(columns: ProducerColumns): readonly ProducerColumns[] {
  const { starts, ends, keys } = columns
  return rangesOf(columns.count, (index) => sizeIn(columns, index)).map(([from, to]) => ({
    ...columns,
    count: to - from,
    starts: starts.subarray(from, to),
    ends: ends.subarray(from, to),
    keys: keys?.slice(from, to),
  }))
}

/** As `sizeOf`. */
export function sizeIn({ starts, ends, keys }: ProducerColumns, index: number): number {
  return (ends[index] as number) - (starts[index] as number) + (keys?.[index]?.length ?? 0)
}

function rangesOf(count: number, sizeAt: (index: number) => number): (readonly [from: number, to: number])[] {
  const ranges: [number, number][] = []
  let start = 0
  let bytes = 0
  for (let index = 0; index < count; index++) {
    const size = sizeAt(index) + ROOM_OF_A_RECORD
    if (bytes + size > BLOCK_BYTES && index > start) {
      ranges.push([start, index])
      start = index
      bytes = 0
    }
    bytes += size
  }
  ranges.push([start, count])
  return ranges
}

/** What a block holds at most, unless one record is larger. */
export const BLOCK_BYTES = 1024 * 1024
/** Of its entries in the columns, so that a block of empty records is bounded too. */
const ROOM_OF_A_RECORD = 32
