import type { Batch } from '../batch.ts'
import { messageOf, RecordError } from '../errors.ts'
import { FramedRecord } from '../framed-record.ts'
import type { Slices } from '../frames.ts'
import type { StreamRecord } from '../record.ts'
import { ByteRuns } from './byte-runs.ts'
import type { Encoded, Encoder } from './index.ts'
import type { Scratch } from './scratch.ts'
import { spliceOf } from './splice.ts'

/**
 * The bytes of a batch, each record followed by a line feed. A record that nobody changed is its original bytes where
 * those are already what the codec writes, and records that stand side by side in a buffer are one view of it: a batch
 * that is still frames costs a few numbers a record and no copy. Records without a form are left out and reported.
 * `start`: the beginning of the file that the bytes go to, for codecs that want to see it. `scratch`: where it is given,
 * bytes that are made may stand in it, and are valid until it is given back.
 */
export function encodeBatch(codec: Encoder, batch: Batch, start: Uint8Array = NEW_FILE, scratch?: Scratch): Encoded {
  const runs = new ByteRuns(scratch)
  const slices = encodeInPlace(codec, batch, scratch)
  if (slices === undefined) return encodeRecords(codec, batch.records, start, runs)
  const { data, starts, ends, count } = slices
  for (let index = 0; index < count; index++) {
    const end = ends[index] as number
    // What no line feed follows may hold some (a message with a formatted value): its record is looked at.
    if (data[end] !== LINE_FEED) return encodeRecords(codec, batch.records, start, new ByteRuns(scratch))
    runs.add(data, starts[index] as number, end)
  }
  return { chunks: runs.end(), failed: [] }
}

/** As `SinkContext.encodeEach`. Bytes that nobody changed are views of what was read. */
export function encodeEach(codec: Encoder, batch: Batch): EncodedEach {
  const slices = encodeInPlace(codec, batch)
  if (slices !== undefined) return { values: viewsOf(slices), failed: [] }
  const failed: Failed[] = []
  const values = batch.records.map((record) => encodeOne(codec, record, failed))
  return { values, failed }
}

/** As `SinkContext.encodeInPlace`. `scratch`: as `encodeBatch` has it. */
export function encodeInPlace(codec: Encoder, { frames }: Batch, scratch?: Scratch): Slices | undefined {
  if (frames === undefined) return undefined
  if (writesFormat(codec, frames.codec.name)) return frames
  return codec.name === 'json' ? frames.codec.toJson?.(frames, scratch) : undefined
}

interface EncodedEach {
  readonly values: readonly (Uint8Array | null | undefined)[]
  readonly failed: readonly Failed[]
}

interface Failed {
  readonly record: StreamRecord
  readonly error: RecordError
}

function viewsOf({ data, starts, ends, count }: Slices): Uint8Array[] {
  const views: Uint8Array[] = []
  for (let index = 0; index < count; index++) views.push(data.subarray(starts[index], ends[index]))
  return views
}

function encodeOne(codec: Encoder, record: StreamRecord, failed: Failed[]): Uint8Array | null | undefined {
  if (record instanceof FramedRecord && writesFormat(codec, record.frames.codec.name)) {
    return record.frames.data.subarray(record.start, record.end)
  }
  const { raw, format } = record
  if (raw === null || (raw !== undefined && writesFormat(codec, format))) return raw
  const splice = codec.name === 'json' ? spliceOf(record) : undefined
  if (splice !== undefined)
    return Buffer.concat([splice.data.subarray(splice.start, splice.end), Buffer.from(splice.text)])
  try {
    return Buffer.from(jsonOf(codec, record) ?? codec.encode(record.value))
  } catch (error) {
    failed.push({ record, error: asRecordError(error) })
    return undefined
  }
}

const LINE_FEED = 0x0a
const NEW_FILE = new Uint8Array()

function encodeRecords(codec: Encoder, records: readonly StreamRecord[], start: Uint8Array, runs: ByteRuns): Encoded {
  const encode = codec.encodeBehind?.(start) ?? codec.encode
  const failed: Failed[] = []
  for (const record of records) {
    const error = encodeRecord(codec, encode, record, runs)
    if (error !== undefined) failed.push({ record, error })
  }
  return { chunks: runs.end(), failed }
}

function encodeRecord(
  codec: Encoder,
  encode: Encoder['encode'],
  record: StreamRecord,
  runs: ByteRuns,
): RecordError | undefined {
  if (record instanceof FramedRecord && isLineOf(codec, record)) {
    return runs.add(record.frames.data, record.start, record.end)
  }
  if (writesFormat(codec, record.format)) {
    const { raw } = record
    if (raw?.includes(LINE_FEED) === false) return runs.add(raw, 0, raw.length)
  }
  const splice = codec.name === 'json' ? spliceOf(record) : undefined
  if (splice !== undefined) {
    runs.addSpliced(splice)
    return undefined
  }
  try {
    runs.addText(jsonOf(codec, record) ?? encode(record.value))
    return undefined
  } catch (error) {
    return asRecordError(error)
  }
}

function jsonOf(codec: Encoder, record: StreamRecord): string | undefined {
  return codec.name === 'json' ? record.json?.() : undefined
}

function asRecordError(error: unknown): RecordError {
  if (error instanceof RecordError) return error
  return new RecordError('SR_ENCODE_FAILED', messageOf(error), { cause: error })
}

/** Its bytes, as UTF-8 and without a line feed, are already what the codec writes. */
function isLineOf(codec: Encoder, { frames, end }: FramedRecord): boolean {
  return frames.data[end] === LINE_FEED && writesFormat(codec, frames.codec.name)
}

/** `lines` takes any line as it is. */
function writesFormat(codec: Encoder, format: string | undefined): boolean {
  return format !== undefined && (codec.name === format || codec.name === 'lines')
}
