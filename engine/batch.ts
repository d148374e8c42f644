import {
  type DecodedFrames,
  type Json,
  type JsonObject,
  type Original,
  recordsOf,
  type StreamRecord,
} from './record.ts'

/**
 * The records that travel together. While nobody has dropped or changed one, they are `frames`, bytes with boundaries,
 * and whoever copies them touches no record; `records` makes the objects on first touch.
 */
export interface Batch {
  readonly size: number
  /** What the records weigh in a queue, in bytes; an estimate where they are not bytes. */
  readonly bytes: number
  readonly records: readonly StreamRecord[]
  readonly frames: DecodedFrames | undefined
}

export function framesBatch(frames: DecodedFrames): Batch {
  return new FramesBatch(frames)
}

export function recordsBatch(records: readonly StreamRecord[]): Batch {
  return new RecordsBatch(records)
}

/**
 * The batch in pieces of at most `size` records. A piece of frames shares their bytes and makes objects of its own, so
 * that no more than a piece is parsed at a time.
 */
export function* piecesOf(batch: Batch, size: number): Generator<Batch> {
  const { frames } = batch
  if (batch.size <= size || frames === undefined) return yield batch
  const { starts, ends, lines, count } = frames
  for (let from = 0; from < count; from += size) {
    const to = Math.min(count, from + size)
    const columns = {
      starts: starts.subarray(from, to),
      ends: ends.subarray(from, to),
      lines: lines.subarray(from, to),
    }
    yield framesBatch({ ...frames, ...columns, count: to - from })
  }
}

class FramesBatch implements Batch {
  readonly frames: DecodedFrames
  #records: readonly StreamRecord[] | undefined

  constructor(frames: DecodedFrames) {
    this.frames = frames
  }

  get size(): number {
    return this.frames.count
  }

  get bytes(): number {
    const { count, starts, ends, original } = this.frames
    if (count === 0) return 0
    const bytes = (ends[count - 1] as number) - (starts[0] as number)
    return original === undefined ? bytes : bytes + weighOriginal(this.frames, original)
  }

  get records(): readonly StreamRecord[] {
    this.#records ??= recordsOf(this.frames)
    return this.#records
  }
}

class RecordsBatch implements Batch {
  readonly records: readonly StreamRecord[]
  readonly frames: undefined
  #bytes: number | undefined

  constructor(records: readonly StreamRecord[]) {
    this.records = records
  }

  get size(): number {
    return this.records.length
  }

  get bytes(): number {
    this.#bytes ??= this.records.reduce((sum, record) => sum + (record.raw?.length ?? weigh(record.value)), 0)
    return this.#bytes
  }
}

function weighOriginal({ lines, count }: DecodedFrames, { starts, ends }: Original): number {
  return (ends[lines[count - 1] as number] as number) - (starts[lines[0] as number] as number)
}

/** Roughly the bytes of a value as JSON. */
function weigh(value: Json): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return 8
  let sum = 2
  if (Array.isArray(value)) for (const item of value) sum += weigh(item)
  // No list of entries: it would be more than most values are.
  else for (const key in value) sum += key.length + 4 + weigh((value as JsonObject)[key] as Json)
  return sum
}
