import type { Batch } from '../batch.ts'
import { StreamrunError } from '../errors.ts'
import type { Decoder } from '../frames.ts'
import { type FramesText, isDense, isPlain, packFrames, unpackFrames } from './packed-frames.ts'
import { packRecords, type RecordsText, unpackRecords } from './packed-records.ts'

/**
 * A batch as the payload of one frame of a durable log: records keep their bytes, key, timestamp, headers, origin and
 * marks.
 *
 *   0  1  form            1 frames, 2 records, 3 frames with times or marks
 *   1  3                  zero
 *   4  4  length of text  little-endian
 *   8  n  text            JSON, filled up with spaces to a multiple of 4
 *
 * Form 1, for a batch that is still frames, copies columns and never looks at a record. The text is
 * `{ codec, component, partition, timestamp, count, offset, line }`, the last two being the base of the frames. Then
 *   4 * count             starts, ends and lines, one column after the other: unsigned, in the byte order of the
 *                         machine, as every one that Node runs on today has it: little-endian
 *   the rest              the bytes from the first start to the last end, and the line feed behind it if there is one
 *
 * Form 3 is form 1 with `columns` in its text, which names those that stand behind the three and before the bytes, 8 * count
 * each: `times` and `marks` of the records, floating-point numbers in the same byte order.
 *
 * Form 2 has a text of `{ codecs, origins: [component, partition][], records, marks? }` and then the bytes of the records one
 * after the other, first its original bytes, then its value as JSON, each only if the record has it. A record is
 * `[origin, position, timestamp, codec, bytes of raw, bytes of value, key, ...headers]`: `origin` and `codec` are places
 * in the lists above; `codec` is the one that makes the value of the original bytes, -1 when the value stands as JSON;
 * bytes of raw are -1 when there are none and -2 for a tombstone; text stands as a string and bytes as `{ base64 }`;
 * headers are pairs. `marks` has one number for each record, null for -Infinity.
 */
export function packBatch(batch: Batch): Uint8Array[] {
  const { frames, marks } = batch
  const codec = frames?.codec.name
  if (frames === undefined || codec === undefined || !isPlain(frames) || !isDense(frames)) {
    const { text, bytes } = packRecords(batch.records, marks)
    return [packText(RECORDS, text), bytes]
  }
  const { text, columns, bytes } = packFrames(frames, codec, marks)
  return [packText(text.columns === undefined ? FRAMES : TIMED_FRAMES, text), ...columns, bytes]
}

/** The records of a payload, parsed on first touch; they are views of it. `codecOf` finds a codec by its name. */
export function unpackBatch(payload: Buffer, codecOf: (name: string) => Decoder): Batch {
  const body = HEAD + payload.readUInt32LE(4)
  const text = JSON.parse(payload.toString('utf8', HEAD, body)) as unknown
  switch (payload[0]) {
    case FRAMES:
    case TIMED_FRAMES:
      return unpackFrames(payload, body, text as FramesText, codecOf)
    case RECORDS:
      return unpackRecords(payload, body, text as RecordsText, codecOf)
    default:
      throw new StreamrunError(
        'SR_LOG_VERSION',
        `a batch is packed in form ${payload[0]}, which this streamrun cannot read`,
      )
  }
}

const HEAD = 8
const FRAMES = 1
const RECORDS = 2
const TIMED_FRAMES = 3

function packText(form: number, text: FramesText | RecordsText): Buffer {
  const json = JSON.stringify(text)
  const length = Math.ceil(Buffer.byteLength(json) / 4) * 4
  const packed = Buffer.alloc(HEAD + length, ' ')
  packed.writeUInt32LE(form, 0)
  packed.writeUInt32LE(length, 4)
  packed.write(json, HEAD)
  return packed
}
