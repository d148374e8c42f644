import type { ProducerRecord } from '../port.ts'

/** Some of the records of a `send`, by their place in it. */
export interface Portion {
  readonly from: number
  readonly to: number
}

/** Records as batches that a broker takes with its usual limits; one that is larger by itself stands alone. */
export function portionsOf(records: readonly ProducerRecord[]): Portion[] {
  const portions: Portion[] = []
  let from = 0
  let bytes = 0
  for (const [index, record] of records.entries()) {
    const size = sizeOf(record)
    if (index > from && (bytes + size > PORTION_BYTES || index - from === PORTION_RECORDS)) {
      portions.push({ from, to: index })
      from = index
      bytes = 0
    }
    bytes += size
  }
  if (from < records.length) portions.push({ from, to: records.length })
  return portions
}

/** Both halves of a portion, which must hold more than one record. */
export function halvesOf({ from, to }: Portion): [Portion, Portion] {
  const middle = from + Math.ceil((to - from) / 2)
  return [
    { from, to: middle },
    { from: middle, to },
  ]
}

/** 1 MiB is the limit of brokers that nobody has told otherwise, for a batch with its head. */
const PORTION_BYTES = 1024 * 1024 - 4096
/** What kafkajs does with a batch takes time by the square of its length. */
const PORTION_RECORDS = 2000

/** At most: lengths and differences of a record take as many bytes as they are large. */
export function sizeOf({ key, value, headers }: ProducerRecord): number {
  const named = headers.reduce((sum, { name, value: text }) => sum + 3 * name.length + textSize(text) + 10, 0)
  return (key?.length ?? 0) + (value?.length ?? 0) + named + 36
}

function textSize(value: Uint8Array | string): number {
  return typeof value === 'string' ? 3 * value.length : value.length
}
