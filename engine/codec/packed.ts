import { type Batch, framesBatch, markedBatch, recordsBatch } from '../batch.ts'
import { StreamrunError } from '../errors.ts'
import type { DecodedFrames, Decoder } from '../frames.ts'
import type { Header, Json, Origin, StreamRecord } from '../record.ts'

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
    return packRecords(batch.records, marks)
  }
  return packFrames(frames, codec, marks)
}

/** The records of a payload, parsed on first touch; they are views of it. `codecOf` finds a codec by its name. */
export function unpackBatch(payload: Buffer, codecOf: (name: string) => Decoder): Batch {
  const body = HEAD + payload.readUInt32LE(4)
  const text = JSON.parse(payload.toString('utf8', HEAD, body)) as unknown
  if (payload[0] === FRAMES || payload[0] === TIMED_FRAMES)
    return unpackFrames(payload, body, text as FramesText, codecOf)
  if (payload[0] === RECORDS) {
    const { marks } = text as RecordsText
    const records = recordsBatch(unpackRecords(payload, body, text as RecordsText, codecOf))
    return markedBatch(records, marks && Float64Array.from(marks, (mark) => mark ?? Number.NEGATIVE_INFINITY))
  }
  throw new StreamrunError(
    'SR_LOG_VERSION',
    `a batch is packed in form ${payload[0]}, which this streamrun cannot read`,
  )
}

const HEAD = 8
const FRAMES = 1
const RECORDS = 2
const TIMED_FRAMES = 3
const LINE_FEED = 0x0a
/** The bytes of raw of a record that has none, because its topic holds null. */
const TOMBSTONE = -2

interface FramesText {
  readonly codec: string
  readonly component: string
  readonly partition: string
  readonly timestamp: number
  readonly count: number
  readonly offset: number
  readonly line: number
  readonly columns?: readonly ('times' | 'marks')[]
}

interface RecordsText {
  readonly codecs: readonly string[]
  readonly origins: readonly (readonly [component: string, partition: string])[]
  readonly records: readonly RecordText[]
  readonly marks?: readonly (number | null)[]
}

type RecordText = readonly [
  origin: number,
  position: Json,
  timestamp: number,
  codec: number,
  rawBytes: number,
  valueBytes: number,
  key: PackedText | null,
  ...headers: readonly (readonly [name: string, value: PackedText])[],
]

type PackedText = string | { readonly base64: string }

function isPlain({ attributes, original }: DecodedFrames): boolean {
  return attributes === undefined && original === undefined
}

/** Worth copying as a whole: no more than half of the bytes belong to records that are gone. */
function isDense({ starts, ends, count }: DecodedFrames): boolean {
  if (count === 0) return true
  let used = 0
  for (let index = 0; index < count; index++) used += (ends[index] as number) - (starts[index] as number)
  const range = (ends[count - 1] as number) - (starts[0] as number)
  return (used + count) * 2 >= range
}

function packFrames(frames: DecodedFrames, codec: string, marks: Float64Array | undefined): Uint8Array[] {
  const { data, starts, ends, lines, count, base, times } = frames
  const columns = Object.entries({ times, marks }).flatMap(([name, numbers]) =>
    numbers === undefined ? [] : [{ name: name as 'times' | 'marks', bytes: bytesOf(numbers, count) }],
  )
  const first = count === 0 ? 0 : (starts[0] as number)
  const last = count === 0 ? 0 : (ends[count - 1] as number)
  const text: FramesText = {
    codec,
    component: frames.component,
    partition: frames.partition,
    timestamp: frames.timestamp,
    count,
    offset: base.offset + first,
    line: base.line,
    ...(columns.length === 0 ? {} : { columns: columns.map(({ name }) => name) }),
  }
  return [
    packText(columns.length === 0 ? FRAMES : TIMED_FRAMES, text),
    column(starts, count, first),
    column(ends, count, first),
    column(lines, count, 0),
    ...columns.map(({ bytes }) => bytes),
    data.subarray(first, data[last] === LINE_FEED ? last + 1 : last),
  ]
}

function unpackFrames(payload: Buffer, body: number, text: FramesText, codecOf: (name: string) => Decoder): Batch {
  const { codec, component, partition, timestamp, count, offset, line, columns: names = [] } = text
  const columns = numbersAt(payload, body, 3 * count)
  const behind = body + 12 * count
  const column = (name: 'times' | 'marks') => {
    const place = names.indexOf(name)
    return place === -1 ? undefined : floatsAt(payload, behind + 8 * count * place, count)
  }
  const frames: DecodedFrames = {
    data: payload.subarray(behind + 8 * count * names.length),
    starts: columns.subarray(0, count),
    ends: columns.subarray(count, 2 * count),
    lines: columns.subarray(2 * count),
    count,
    base: { offset, line },
    times: column('times'),
    codec: codecOf(codec),
    component,
    partition,
    timestamp,
  }
  return markedBatch(framesBatch(frames), column('marks'))
}

/** The used part of a column, less what is no longer in front of the first record. */
function column(numbers: Uint32Array, count: number, less: number): Uint8Array {
  const used = numbers.subarray(0, count)
  const moved = less === 0 ? used : used.map((number) => number - less)
  return new Uint8Array(moved.buffer, moved.byteOffset, moved.byteLength)
}

function bytesOf(numbers: Float64Array, count: number): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, 8 * count)
}

/** Always a copy: payloads are seldom aligned to 8 bytes. */
function floatsAt(payload: Buffer, at: number, count: number): Float64Array {
  const start = payload.byteOffset + at
  return new Float64Array(payload.buffer.slice(start, start + 8 * count))
}

/** A view where the payload happens to be aligned to 4 bytes, as views of numbers must be; else a copy. */
function numbersAt(payload: Buffer, at: number, count: number): Uint32Array {
  const start = payload.byteOffset + at
  if (start % 4 === 0) return new Uint32Array(payload.buffer, start, count)
  return new Uint32Array(payload.buffer.slice(start, start + 4 * count))
}

function packRecords(records: readonly StreamRecord[], marks: Float64Array | undefined): Uint8Array[] {
  const codecs = new Numbering<string>((name) => name)
  const origins = new Numbering<readonly [string, string]>((origin) => JSON.stringify(origin))
  const chunks: Uint8Array[] = []
  const packed = records.map((record): RecordText => {
    const { origin, raw, format, key, timestamp, headers } = record
    const codec = !raw || format === undefined ? -1 : codecs.of(format)
    const value = codec === -1 ? Buffer.from(JSON.stringify(record.value)) : NO_BYTES
    chunks.push(raw ?? NO_BYTES, value)
    return [
      origins.of([origin.component, origin.partition]),
      origin.position,
      timestamp,
      codec,
      raw === null ? TOMBSTONE : (raw?.length ?? -1),
      value.length,
      key === null ? null : packKey(key),
      ...headers.map(({ name, value }) => [name, packKey(value)] as const),
    ]
  })
  // JSON says null for -Infinity.
  const text: RecordsText = {
    codecs: codecs.all,
    origins: origins.all,
    records: packed,
    ...(marks === undefined ? {} : { marks: [...marks] }),
  }
  return [packText(RECORDS, text), Buffer.concat(chunks)]
}

function unpackRecords(
  payload: Buffer,
  body: number,
  text: RecordsText,
  codecOf: (name: string) => Decoder,
): StreamRecord[] {
  const codecs = text.codecs.map(codecOf)
  let at = body
  return text.records.map(([origin, position, timestamp, codec, rawBytes, valueBytes, key, ...headers]) => {
    const [component, partition] = text.origins[origin] as readonly [string, string]
    const raw = rawBytes < 0 ? rawOf(rawBytes) : payload.subarray(at, at + rawBytes)
    const valueAt = at + Math.max(0, rawBytes)
    const value = codec === -1 ? payload.subarray(valueAt, valueAt + valueBytes) : (raw ?? NO_BYTES)
    at = valueAt + valueBytes
    return new UnpackedRecord(raw, value, codecs[codec], timestamp, {
      key: key === null ? null : unpackKey(key),
      headers: headers.map(([name, packed]) => ({ name, value: unpackKey(packed) })),
      origin: { component, partition, position },
    })
  })
}

function rawOf(rawBytes: number): null | undefined {
  return rawBytes === TOMBSTONE ? null : undefined
}

/** A record whose value is still bytes: its own, or its JSON. */
class UnpackedRecord implements StreamRecord {
  readonly raw: Buffer | null | undefined
  readonly format: string | undefined
  readonly timestamp: number
  readonly key: string | Uint8Array | null
  readonly headers: readonly Header[]
  readonly origin: Origin
  readonly #bytes: Buffer
  readonly #codec: Decoder
  #value: Json | undefined = undefined

  constructor(
    raw: Buffer | null | undefined,
    bytes: Buffer,
    codec: Decoder | undefined,
    timestamp: number,
    rest: Pick<StreamRecord, 'key' | 'headers' | 'origin'>,
  ) {
    this.raw = raw
    this.format = raw ? codec?.name : undefined
    this.timestamp = timestamp
    this.key = rest.key
    this.headers = rest.headers
    this.origin = rest.origin
    this.#bytes = bytes
    this.#codec = codec ?? JSON_TEXT
  }

  get value(): Json {
    if (this.#value === undefined) this.#value = decoded(this.#codec, this.#bytes)
    return this.#value
  }
}

/** Bytes that were broken on purpose (source faker) never passed a codec's check: their value is their text. */
function decoded(codec: Decoder, bytes: Buffer): Json {
  try {
    return codec.decode(bytes, 0, bytes.length)
  } catch {
    return bytes.toString('utf8')
  }
}

const NO_BYTES = Buffer.alloc(0)
/** How a value stands that is not the record's original bytes. */
const JSON_TEXT: Decoder = { name: 'json', decode: (data, start, end) => JSON.parse(data.toString('utf8', start, end)) }

function packText(form: number, text: FramesText | RecordsText): Buffer {
  const json = JSON.stringify(text)
  const length = Math.ceil(Buffer.byteLength(json) / 4) * 4
  const packed = Buffer.alloc(HEAD + length, ' ')
  packed.writeUInt32LE(form, 0)
  packed.writeUInt32LE(length, 4)
  packed.write(json, HEAD)
  return packed
}

function packKey(text: string | Uint8Array): PackedText {
  return typeof text === 'string' ? text : { base64: Buffer.from(text).toString('base64') }
}

function unpackKey(packed: PackedText): string | Uint8Array {
  return typeof packed === 'string' ? packed : Buffer.from(packed.base64, 'base64')
}

/** Gives each different thing a place in a list, in the order of their coming. */
class Numbering<T> {
  readonly all: T[] = []
  readonly #places = new Map<string, number>()
  readonly #name: (thing: T) => string

  constructor(name: (thing: T) => string) {
    this.#name = name
  }

  of(thing: T): number {
    const name = this.#name(thing)
    const place = this.#places.get(name) ?? this.all.push(thing) - 1
    this.#places.set(name, place)
    return place
  }
}
