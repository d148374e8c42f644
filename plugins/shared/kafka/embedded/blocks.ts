import type { ProducerRecord } from '../port.ts'
import { sizeOf } from './block.ts'

/** Cuts the records of one call so that a reader never has to take in much more than it asked for. */
export function cutIntoBlocks(records: readonly ProducerRecord[]): readonly (readonly ProducerRecord[])[] {
  const blocks: (readonly ProducerRecord[])[] = []
  let start = 0
  let bytes = 0
  for (let index = 0; index < records.length; index++) {
    const size = sizeOf(records[index] as ProducerRecord) + ROOM_OF_A_RECORD
    if (bytes + size > BLOCK_BYTES && index > start) {
      blocks.push(records.slice(start, index))
      start = index
      bytes = 0
    }
    bytes += size
  }
  blocks.push(start === 0 ? records : records.slice(start))
  return blocks
}

const BLOCK_BYTES = 512 * 1024
/** Of its entries in the columns, so that a block of empty records is bounded too. */
const ROOM_OF_A_RECORD = 32
