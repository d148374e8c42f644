import type { ProducerColumns } from '../port.ts'
import { type BlockPlace, CHECKED_JSON, columnsOf, KEYS, packHead } from './block.ts'

/** The pieces of a block, one behind the other; its head and all of its columns stand in the first. */
export type PackedBlock = readonly [front: Buffer, ...rest: Buffer[]]

/**
 * What `packBlock` makes of the same records, and whether they were checked. Values that stand side by side are not
 * copied: none of them may change until the block is written.
 */
export function packColumns(sent: ProducerColumns, place: BlockPlace): PackedBlock {
  const keys = sent.keys?.some((key) => key !== null) ? sent.keys : []
  const keyBytes = Buffer.concat(keys.filter((key) => key !== null))
  const values = sideBySide(sent)
  if (values === undefined) return [packFront(sent, keys, sizeOfValues(sent), place), keyBytes]
  return [packFront(sent, keys, 0, place), values, keyBytes]
}

/** The values with what stands behind each in a block, where they stand like that already. */
function sideBySide({ data, starts, ends, count }: ProducerColumns): Buffer | undefined {
  for (let index = 0; index < count; index++) {
    const end = ends[index] as number
    if (data[end] !== LINE_END || (index + 1 < count && starts[index + 1] !== end + 1)) return undefined
  }
  return data.subarray(starts[0], (ends[count - 1] as number) + 1)
}

/** The head, the columns, and the values too where there is room for them. */
function packFront(sent: ProducerColumns, keys: Keys, room: number, place: BlockPlace): Buffer {
  const { count, starts, ends, timestamp } = sent
  const checked = sent.checkedBy === 'json' ? CHECKED_JSON : 0
  const columns = columnsOf(count, (keys.length > 0 ? KEYS : 0) | checked)
  const front = Buffer.allocUnsafe(columns.data + room)
  packHead(front, count, columns.flags, place)
  for (let index = 0; index < count; index++) {
    front.writeInt32LE((ends[index] as number) - (starts[index] as number), columns.values + 4 * index)
    front.writeDoubleLE(timestamp, columns.timestamps + 8 * index)
  }
  for (const [index, key] of keys.entries()) front.writeInt32LE(key?.length ?? -1, columns.keys + 4 * index)
  if (room > 0) copyValues(front, columns.data, sent)
  return front
}

type Keys = readonly (Uint8Array | null)[]

function sizeOfValues({ count, starts, ends }: ProducerColumns): number {
  let bytes = count
  for (let index = 0; index < count; index++) bytes += (ends[index] as number) - (starts[index] as number)
  return bytes
}

/** Each value with what stands behind it in a block; those that stand side by side as one. */
function copyValues(block: Buffer, start: number, { data, starts, ends, count }: ProducerColumns): void {
  let at = start
  for (let from = 0; from < count; ) {
    let last = from
    while (
      last + 1 < count &&
      starts[last + 1] === (ends[last] as number) + 1 &&
      data[ends[last] as number] === LINE_END
    )
      last += 1
    const end = ends[last] as number
    at += data.copy(block, at, starts[from], end)
    block[at++] = data[end] === LINE_END ? LINE_END : terminatorOf(data.subarray(starts[last], end))
    from = last + 1
  }
}

function terminatorOf(value: Buffer): number {
  return value.includes(LINE_END) ? 0 : LINE_END
}

const LINE_END = 0x0a
