import type { Json } from '../record.ts'
import type { Epoch } from './store.ts'

/** An epoch as JSON, but for the states of processors, which stand in frames of their own. */
export function encodeEpoch(epoch: Epoch): Json {
  const { positions, released, sinks, watermarks, fingerprints, forgotten } = epoch
  return {
    ...(positions?.size ? { positions: [...positions].map(([name, partitions]) => [name, [...partitions]]) } : {}),
    ...(released?.size ? { released: [...released].map(([name, partitions]) => [name, [...partitions]]) } : {}),
    ...(sinks?.size ? { sinks: [...sinks] } : {}),
    ...(watermarks?.size ? { watermarks: [...watermarks].map(([name, moved]) => [name, encodeMoved(moved)]) } : {}),
    ...(fingerprints?.size ? { fingerprints: [...fingerprints] } : {}),
    ...(forgotten?.length ? { forgotten } : {}),
  }
}

export function decodeEpoch(json: Json): Epoch {
  const {
    positions = [],
    released = [],
    sinks = [],
    watermarks = [],
    fingerprints = [],
    forgotten = [],
  } = json as unknown as EncodedEpoch
  return {
    positions: new Map(positions.map(([name, partitions]) => [name, new Map(partitions)])),
    released: new Map(released.map(([name, partitions]) => [name, new Set(partitions)])),
    sinks: new Map(sinks),
    watermarks: new Map(watermarks.map(([name, moved]) => [name, new Map(moved.map(decodeMoved))])),
    fingerprints: new Map(fingerprints),
    forgotten,
  }
}

interface EncodedEpoch {
  readonly positions?: [string, [string, Json][]][]
  readonly released?: [string, string[]][]
  readonly sinks?: [string, Json][]
  readonly watermarks?: [string, Moved[]][]
  readonly fingerprints?: [string, string][]
  readonly forgotten?: string[]
}

/** A partition alone has no watermark any more. */
type Moved = [partition: string, watermark: number] | [partition: string]

function encodeMoved(moved: ReadonlyMap<string, number | undefined>): Moved[] {
  return [...moved].map(([partition, watermark]) => (watermark === undefined ? [partition] : [partition, watermark]))
}

function decodeMoved([partition, watermark]: Moved): [string, number | undefined] {
  return [partition, watermark]
}
