import { type Batch, packBatch, unpackBatch } from '../../../engine/plugin.ts'
import type { Totals } from './flow.ts'

/**
 * The payload of one frame of a channel's log.
 *
 *   0  8  bytes of payload that went through the channel before this frame: a little-endian double
 *   8  8  records, likewise
 *  16  n  the batch, packed as in engine/codec/packed.ts; nothing in a frame that stands for a lost one
 *
 * With the totals in every frame, what is in the channel is known from its two ends alone.
 */
export function packParcel(batch: Batch, before: Totals): { payload: Uint8Array[]; after: Totals } {
  const packed = packBatch(batch)
  const bytes = packed.reduce((sum, piece) => sum + piece.length, TOTALS)
  return {
    payload: [packTotals(before), ...packed],
    after: { bytes: before.bytes + bytes, records: before.records + batch.size },
  }
}

/** Takes the place of a frame that is lost. */
export function lostParcel(totals: Totals): Uint8Array[] {
  return [packTotals(totals)]
}

/** The batch, undefined when it is lost, and the totals with it. */
export function unpackParcel(payload: Buffer, codecOf: CodecOf): { batch: Batch | undefined; after: Totals } {
  const before = totalsIn(payload)
  if (payload.length === TOTALS) return { batch: undefined, after: before }
  const batch = unpackBatch(payload.subarray(TOTALS), codecOf)
  const after = { bytes: before.bytes + payload.length, records: before.records + batch.size }
  return { batch, after }
}

/** The totals of what came before. */
export function totalsIn(payload: Buffer): Totals {
  return { bytes: payload.readDoubleLE(0), records: payload.readDoubleLE(8) }
}

export type CodecOf = Parameters<typeof unpackBatch>[1]

const TOTALS = 16

function packTotals({ bytes, records }: Totals): Buffer {
  const packed = Buffer.allocUnsafe(TOTALS)
  packed.writeDoubleLE(bytes, 0)
  packed.writeDoubleLE(records, 8)
  return packed
}
