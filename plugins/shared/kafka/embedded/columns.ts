import type { ProducerColumns } from '../port.ts'
import { type BlockPlace, CHECKED_JSON, columnsOf, KEYS, packHead } from './block.ts'

/** What `packBlock` makes of the same records, and whether they were checked; values that stand side by side are copied as one. */
export function packColumns(sent: ProducerColumns, place: BlockPlace): Buffer {
  const { count, starts, ends, timestamp } = sent
  const keys = sent.keys?.some((key) => key !== null) ? sent.keys : []
  const checked = sent.checkedBy === 'json' ? CHECKED_JSON : 0
  const columns = columnsOf(count, (keys.length > 0 ? KEYS : 0) | checked)
  const block = Buffer.allocUnsafe(columns.data + count + bytesOf(sent))
  packHead(block, count, columns.flags, place)
  for (let index = 0; index < count; index++) {
    block.writeInt32LE((ends[index] as number) - (starts[index] as number), columns.values + 4 * index)
    block.writeDoubleLE(timestamp, columns.timestamps + 8 * index)
  }
  let at = copyValues(block, columns.data, sent)
  for (const [index, key] of keys.entries()) {
    block.writeInt32LE(key?.length ?? -1, columns.keys + 4 * index)
    if (key === null) continue
    block.set(key, at)
    at += key.length
  }
  return block
}

function bytesOf({ count, starts, ends, keys = [] }: ProducerColumns): number {
  let bytes = keys.reduce((sum, key) => sum + (key?.length ?? 0), 0)
  for (let index = 0; index < count; index++) bytes += (ends[index] as number) - (starts[index] as number)
  return bytes
}

/** Each value with what stands behind it in a block. Gives where they end. */
function copyValues(block: Buffer, start: number, { data, starts, ends, count }: ProducerColumns): number {
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
  return at
}

function terminatorOf(value: Buffer): number {
  return value.includes(LINE_END) ? 0 : LINE_END
}

const LINE_END = 0x0a
