import type { Batch } from '../batch.ts'
import { messageOf, RecordError } from '../errors.ts'
import { FramedRecord, type StreamRecord } from '../record.ts'
import { ByteRuns } from './byte-runs.ts'
import type { Codec, Encoded } from './index.ts'

/**
 * The bytes of a batch, each record followed by a line feed. A record that nobody changed is its original bytes where
 * those are already what the codec writes, and records that stand side by side in a buffer are one view of it: a batch
 * that is still frames costs a few numbers a record and no copy. Records without a form are left out and reported.
 */
export function encodeBatch(codec: Codec, batch: Batch): Encoded {
  const { frames } = batch
  if (frames === undefined || !writesFormat(codec, frames.codec.name)) return encodeRecords(codec, batch.records)
  const runs = new ByteRuns()
  for (let index = 0; index < frames.count; index++) {
    const end = frames.ends[index] as number
    // What no line feed follows may hold some (a message with a formatted value): its record is looked at.
    if (frames.data[end] !== LINE_FEED) return encodeRecords(codec, batch.records)
    runs.add(frames.data, frames.starts[index] as number, end)
  }
  return { chunks: runs.end(), failed: [] }
}

const LINE_FEED = 0x0a

function encodeRecords(codec: Codec, records: readonly StreamRecord[]): Encoded {
  const runs = new ByteRuns()
  const failed: { record: StreamRecord; error: RecordError }[] = []
  for (const record of records) {
    const error = encodeRecord(codec, record, runs)
    if (error !== undefined) failed.push({ record, error })
  }
  return { chunks: runs.end(), failed }
}

function encodeRecord(codec: Codec, record: StreamRecord, runs: ByteRuns): RecordError | undefined {
  if (record instanceof FramedRecord && isLineOf(codec, record)) {
    return runs.add(record.frames.data, record.start, record.end)
  }
  if (record.format !== undefined && writesFormat(codec, record.format)) {
    const { raw } = record
    if (raw !== undefined && !raw.includes(LINE_FEED)) return runs.add(raw, 0, raw.length)
  }
  try {
    runs.addText(codec.encode(record.value))
    return undefined
  } catch (error) {
    if (error instanceof RecordError) return error
    return new RecordError('SR_ENCODE_FAILED', messageOf(error), { cause: error })
  }
}

/** Its bytes, as UTF-8 and without a line feed, are already what the codec writes. */
function isLineOf(codec: Codec, { frames, end }: FramedRecord): boolean {
  return frames.data[end] === LINE_FEED && writesFormat(codec, frames.codec.name)
}

/** `lines` takes any line as it is. */
function writesFormat(codec: Codec, format: string): boolean {
  return codec.name === format || codec.name === 'lines'
}
