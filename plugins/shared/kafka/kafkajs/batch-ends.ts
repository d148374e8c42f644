/** How kafkajs makes records of the bytes of one partition; `buffer` holds them from `offset` on, their length first. */
export type DecodeMessages = (decoder: { readonly buffer: Buffer; readonly offset: number }) => Promise<Decoded[]>

export interface Decoded {
  readonly offset: string
}

/**
 * The same, and the array that it gives has `next`: the offset behind the last whole batch. A batch may end with
 * offsets that compaction has left no record at, or have no records at all, and a broker sends those of one segment
 * at a time: whoever goes by records alone may never get over them (KA-15).
 */
export function withBatchEnds(decode: DecodeMessages): DecodeMessages {
  return async (decoder) => {
    const { buffer, offset } = decoder
    const records = await decode(decoder)
    return Object.assign(records, { next: endOfBatches(buffer, offset + 4, offset + 4 + buffer.readInt32BE(offset)) })
  }
}

/** Undefined: there is no whole batch of the format that Kafka has had since 0.11. */
export function endOfBatches(bytes: Buffer, from: number, to: number): number | undefined {
  let next: number | undefined
  for (let at = from; at + HEAD <= to; ) {
    const end = at + LENGTH_END + bytes.readInt32BE(at + LENGTH)
    if (end > to || bytes[at + MAGIC] !== 2) break
    next = Number(bytes.readBigInt64BE(at)) + bytes.readInt32BE(at + LAST_OFFSET_DELTA) + 1
    at = end
  }
  return next
}

/** Places in the head of a batch: base offset (8), length of the rest (4), leader epoch (4), magic (1), crc (4), attributes (2). */
const LENGTH = 8
const LENGTH_END = 12
const MAGIC = 16
const LAST_OFFSET_DELTA = 23
const HEAD = 61
