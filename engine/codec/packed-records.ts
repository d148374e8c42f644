import { type Batch, markedBatch, recordsBatch } from '../batch.ts'
import type { Decoder } from '../frames.ts'
import type { Header, Json, Origin, StreamRecord } from '../record.ts'

/** What stands before the bytes of a packed batch of records. */
export interface RecordsText {
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

/** The bytes of raw of a record that has none, because its topic holds null. */
const TOMBSTONE = -2

interface PackedRecords {
  readonly text: RecordsText
  readonly bytes: Uint8Array
}

export function packRecords(records: readonly StreamRecord[], marks: Float64Array | undefined): PackedRecords {
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
  return { text, bytes: Buffer.concat(chunks) }
}

/** `body`: where the bytes begin. */
export function unpackRecords(
  payload: Buffer,
  body: number,
  text: RecordsText,
  codecOf: (name: string) => Decoder,
): Batch {
  const { marks } = text
  const records = recordsBatch(recordsIn(payload, body, text, codecOf))
  return markedBatch(records, marks && Float64Array.from(marks, (mark) => mark ?? Number.NEGATIVE_INFINITY))
}

function recordsIn(
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
