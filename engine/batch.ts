import { recordsOf } from './framed-record.ts'
import type { DecodedFrames, Original } from './frames.ts'
import type { Json, JsonObject, StreamRecord } from './record.ts'

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
  /** Of each record, the watermark when it came, where time matters: it never goes back within a batch. */
  readonly marks?: Float64Array | undefined
}

export function framesBatch(frames: DecodedFrames): Batch {
  return new FramesBatch(frames)
}

export function recordsBatch(records: readonly StreamRecord[]): Batch {
  return new RecordsBatch(records)
}

/** The same records with other marks; without any when they are undefined. */
export function markedBatch(batch: Batch, marks: Float64Array | undefined): Batch {
  return batch.marks === marks ? batch : new MarkedBatch(batch instanceof MarkedBatch ? batch.unmarked : batch, marks)
}

/** Batches that came by several ways as one, in the order of their marks. */
export function mergedBatch(batches: readonly Batch[]): Batch {
  const [first] = batches
  if (first !== undefined && batches.length === 1) return first
  const entries = batches.flatMap(({ records, marks }) =>
    records.map((record, index) => ({ record, mark: marks?.[index] ?? Number.NEGATIVE_INFINITY })),
  )
  // -Infinity less itself is no order.
  entries.sort((a, b) => (a.mark === b.mark ? 0 : a.mark - b.mark))
  const marks = Float64Array.from(entries, ({ mark }) => mark)
  return markedBatch(recordsBatch(entries.map(({ record }) => record)), marks)
}

/** Batches that follow one another in as few as may be, in their order: those of the same bytes, and those of objects. */
export function joinedBatches(batches: readonly Batch[]): readonly Batch[] {
  const runs: Batch[][] = []
  for (const batch of batches) {
    const run = runs.at(-1)
    if (run !== undefined && isOneKind(run[0] as Batch, batch)) run.push(batch)
    else runs.push([batch])
  }
  return runs.map((run) => (run.length === 1 ? (run[0] as Batch) : joined(run)))
}

function isOneKind(a: Batch, b: Batch): boolean {
  if ((a.marks === undefined) !== (b.marks === undefined)) return false
  if (a.frames === undefined || b.frames === undefined) return a.frames === b.frames
  const isTimed = a.frames.times !== undefined
  return SHARED.every((part) => a.frames?.[part] === b.frames?.[part]) && isTimed === (b.frames.times !== undefined)
}

/** What pieces of one batch have in common. */
const SHARED = [
  'data',
  'base',
  'codec',
  'component',
  'partition',
  'timestamp',
  'attributes',
  'original',
  'places',
] as const

function joined(run: readonly Batch[]): Batch {
  const isFramed = run[0]?.frames !== undefined
  const batch = isFramed ? new JoinedBatch(run) : recordsBatch(run.flatMap(({ records }) => records))
  if (run[0]?.marks === undefined) return batch
  return markedBatch(
    batch,
    concatenated(
      Float64Array,
      run.map(({ marks }) => marks as Float64Array),
    ),
  )
}

type Column = Uint32Array | Float64Array

function concatenated<C extends Column>(Type: new (length: number) => C, columns: readonly C[]): C {
  const whole = new Type(columns.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const column of columns) {
    whole.set(column, at)
    at += column.length
  }
  return whole
}

/**
 * The batch in pieces of at most `size` records. A piece of frames shares their bytes and makes objects of its own, so
 * that no more than a piece is parsed at a time. What are objects already is cut only where marks are to be exact.
 */
export function* piecesOf(batch: Batch, size: number, objectsToo = false): Generator<Batch> {
  const { frames, marks } = batch
  if (batch.size <= size || (frames === undefined && !objectsToo)) return yield batch
  for (let from = 0; from < batch.size; from += size) {
    const to = Math.min(batch.size, from + size)
    const piece =
      frames === undefined ? recordsBatch(batch.records.slice(from, to)) : framesBatch(partOfFrames(frames, from, to))
    yield markedBatch(piece, marks?.subarray(from, to))
  }
}

function partOfFrames(frames: DecodedFrames, from: number, to: number): DecodedFrames {
  const { starts, ends, lines, times } = frames
  const columns = {
    starts: starts.subarray(from, to),
    ends: ends.subarray(from, to),
    lines: lines.subarray(from, to),
    times: times?.subarray(from, to),
  }
  return { ...frames, ...columns, count: to - from }
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

/** Frames of the same bytes, one behind the other: their records are those of the parts, parsed or not. */
class JoinedBatch implements Batch {
  readonly frames: DecodedFrames
  readonly #parts: readonly Batch[]
  #records: readonly StreamRecord[] | undefined

  constructor(parts: readonly Batch[]) {
    this.#parts = parts
    const all = parts.map(({ frames }) => frames as DecodedFrames)
    const [first] = all as [DecodedFrames]
    const column = (name: 'starts' | 'ends' | 'lines') =>
      concatenated(
        Uint32Array,
        all.map((frames) => frames[name].subarray(0, frames.count)),
      )
    this.frames = {
      ...first,
      starts: column('starts'),
      ends: column('ends'),
      lines: column('lines'),
      times:
        first.times &&
        concatenated(
          Float64Array,
          all.map(({ times = NO_TIMES, count }) => times.subarray(0, count)),
        ),
      count: all.reduce((sum, { count }) => sum + count, 0),
    }
  }

  get size(): number {
    return this.frames.count
  }

  get bytes(): number {
    return this.#parts.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get records(): readonly StreamRecord[] {
    this.#records ??= this.#parts.flatMap(({ records }) => records)
    return this.#records
  }
}

/** Another batch, and the marks of its records. */
class MarkedBatch implements Batch {
  readonly unmarked: Batch
  readonly marks: Float64Array | undefined

  constructor(unmarked: Batch, marks: Float64Array | undefined) {
    this.unmarked = unmarked
    this.marks = marks
  }

  get size(): number {
    return this.unmarked.size
  }

  get bytes(): number {
    return this.unmarked.bytes
  }

  get records(): readonly StreamRecord[] {
    return this.unmarked.records
  }

  get frames(): DecodedFrames | undefined {
    return this.unmarked.frames
  }
}

const NO_TIMES = new Float64Array(0)

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
