/**
 * Records and the bytes that they come from. A record is immutable; a changed one is a new record with the same origin.
 * Most records are never touched one by one: they travel as `Frames`, and objects are made only where a stage looks.
 */

import type { FieldNames, FieldPlaces, FieldReader, Looks } from './fields.ts'
import { FramesContent, type ReadText } from './frames-content.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** One event. */
export interface StreamRecord {
  /** Parsed on first touch; never throws, because the codec checked the bytes before. Not to be changed in place. */
  readonly value: Json
  /**
   * The original bytes, valid until the batch has left the pipeline; null for a tombstone of a topic, whose value is
   * null; undefined when the record was made or changed here.
   */
  readonly raw: Uint8Array | null | undefined
  /** The name of the codec that `raw` is written in; undefined when there is no `raw`, or no codec writes it so. */
  readonly format: string | undefined
  readonly key: string | Uint8Array | null
  /** Event time, epoch milliseconds; the time of arrival where nothing else is known. */
  readonly timestamp: number
  /** In their order; a name may come more than once. */
  readonly headers: readonly Header[]
  readonly origin: Origin
}

export interface Header {
  readonly name: string
  readonly value: Uint8Array | string
}

/** Where a record came from: what a dead letter and an error point at. */
export interface Origin {
  /** The source that read it. */
  readonly component: string
  /** Its source partition: a file's path, a topic's partition. */
  readonly partition: string
  /** Where in the partition, in the words of the source: `{ offset, line }` in a file. */
  readonly position: Json
}

/** Texts in one buffer: text i is `data[starts[i] .. ends[i]]`. */
export interface Slices {
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** How many of the arrays' entries are in use. */
  readonly count: number
}

/**
 * Records as bytes: record i is `data[starts[i] .. ends[i]]`, without its terminator. For bytes of a line-framed file,
 * each record's end is followed by one 0x0A, except perhaps the last of a file. One that holds line feeds itself is not
 * followed by one, so that it is never taken for a line. Only frames of a codec without a name need not keep to that.
 */
export interface Frames extends Slices {
  /** Line number of record i, counted from `base.line`; in a topic, its place in the set that was read. */
  readonly lines: Uint32Array
  /** Where `data[0]` and line 0 stand in the partition: byte offset, and line number from 1. */
  readonly base: { readonly offset: number; readonly line: number }
  /**
   * The name of a codec that these very bytes have passed before, where whoever kept them can vouch for it: it takes
   * them without another look. Undefined: nobody can.
   */
  readonly checkedBy?: string | undefined
  /** What the records of a topic have beside their bytes; undefined for those of a file. */
  readonly attributes?: FrameAttributes | undefined
  /** Where the records came in another encoding: what they were before they became UTF-8. */
  readonly original?: Original
  /** Event time of record i, in epoch milliseconds, where it was read from the record itself. */
  readonly times?: Float64Array | undefined
}

/** Each asked by `lines[i]`, which stays with a record when others of its batch are gone. */
export interface FrameAttributes {
  key(line: number): Uint8Array | null
  timestamp(line: number): number
  headers(line: number): readonly Header[]
  position(line: number): Json
}

/**
 * The bytes of records as they stand in their source: record i is `data[starts[n] .. ends[n]]`, n being `lines[i]` of the
 * frames, so that records can be left out there alone. `base.offset` is then where `data[0]` of these bytes stands.
 */
export interface Original {
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/** Frames that a codec has checked: all that is needed to make records of them. */
export interface DecodedFrames extends Frames {
  readonly codec: Decoder
  readonly component: string
  readonly partition: string
  readonly timestamp: number
  /** Shared by all batches of a source; left out: nothing is looked at in part. */
  readonly looks?: Looks | undefined
  /** Where fields stand that were looked for when the frames were checked, in a row for each line. */
  readonly places?: FieldPlaces | undefined
}

/** The reading half of a codec, as far as a record needs it. */
export interface Decoder {
  /**
   * Undefined: what the bytes mean, only their source can tell (a row of CSV says nothing without the header of its
   * file), so that they are nowhere written as they are.
   */
  readonly name: string | undefined
  /** The value of the bytes `data[start .. end]`, which this codec has checked. */
  decode(data: Buffer, start: number, end: number): Json
  /** Reads single fields. Left out: all of them must be made. */
  readonly fields?: FieldReader
  /** The same from their text. Left out: it wants the bytes. */
  decodeText?(text: string): Json
  /**
   * What `JSON.stringify` makes of the value of each slice, with a line feed behind it, without making the values. Left
   * out: values must be made.
   */
  toJson?(slices: Slices): Slices
}

/** A record that is still the bytes it came as. */
export class FramedRecord implements StreamRecord {
  readonly frames: DecodedFrames
  readonly index: number
  readonly #content: FramesContent
  #value: Json | undefined = undefined
  /** Set when some of its fields were looked at. */
  #looks: Looks | undefined = undefined

  /** `content`: that of the frames, which all records of theirs share. */
  constructor(frames: DecodedFrames, index: number, content: FramesContent) {
    this.frames = frames
    this.index = index
    this.#content = content
  }

  get start(): number {
    return this.frames.starts[this.index] as number
  }

  get end(): number {
    return this.frames.ends[this.index] as number
  }

  get value(): Json {
    if (this.#value !== undefined) return this.#value
    this.#looks?.countAgain()
    this.#value = this.#content.decode(this.start, this.end)
    return this.#value
  }

  /**
   * The value for somebody who looks at these fields alone: not more of it is made than they, unless it was made already,
   * or records of this batch mostly come to be looked at as a whole after all.
   */
  valueWith(wanted: FieldNames): Json {
    const columns = this.#columnsOf(wanted)
    if (columns === undefined) return this.value
    const object: { [name: string]: Json } = {}
    for (let at = 0; at < columns.length; at++) {
      const field = this.#content.field(this.index, columns[at] as number)
      if (field !== undefined) object[wanted.names[at] as string] = field
    }
    return object
  }

  /** The one field that is wanted, as `valueWith` has it; `NO_FIELDS` where the value is no object. */
  fieldOf(wanted: FieldNames): Json | undefined | typeof NO_FIELDS {
    const columns = this.#columnsOf(wanted)
    if (columns !== undefined) return this.#content.field(this.index, columns[0] as number)
    const { value } = this
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return NO_FIELDS
    const [name] = wanted.names as [string]
    return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined
  }

  /** What `read` makes of the text in the one field that is wanted, as it is written; undefined where its value is to be asked for. */
  readText(wanted: FieldNames, read: ReadText): number | undefined {
    const columns = this.#columnsOf(wanted)
    return columns && this.#content.readText(this.index, columns[0] as number, read)
  }

  /** Where the wanted fields are in the content; undefined when the whole value is to be looked at. */
  #columnsOf(wanted: FieldNames): readonly number[] | undefined {
    if (this.#value !== undefined) return undefined
    const { looks } = this.frames
    if (this.#looks === undefined) {
      if (looks === undefined || looks.prefersWhole) return undefined
      looks.countFirst()
      this.#looks = looks
    }
    return this.#content.columnsOf(this.index, wanted)
  }

  /** Told without making the value where its first byte tells. */
  get isNull(): boolean {
    const { codec, data } = this.frames
    if (this.#value === undefined && codec.fields?.isObject(data, this.start)) return false
    return this.value === null
  }

  get raw(): Uint8Array {
    return frameBytes(this.frames, this.index)
  }

  get format(): string | undefined {
    return this.frames.original === undefined ? this.frames.codec.name : undefined
  }

  get key(): Uint8Array | null {
    return this.frames.attributes?.key(this.#line) ?? null
  }

  get timestamp(): number {
    return frameTime(this.frames, this.index)
  }

  get headers(): readonly Header[] {
    return this.frames.attributes?.headers(this.#line) ?? NO_HEADERS
  }

  get origin(): Origin {
    const { component, partition } = this.frames
    return { component, partition, position: framePosition(this.frames, this.index) }
  }

  get #line(): number {
    return this.frames.lines[this.index] as number
  }
}

/** What `fieldOf` says of a value that is no object. */
export const NO_FIELDS = Symbol('no fields')

/** Whether the value of the record is null. */
export function isNull(record: StreamRecord): boolean {
  return record instanceof FramedRecord ? record.isNull : record.value === null
}

/** What a record is made of when it does not come from frames: a generator's, a topic's, or a changed one. */
export interface RecordParts {
  readonly value: Json
  readonly raw?: Uint8Array | null | undefined
  readonly format?: string | undefined
  readonly key?: string | Uint8Array | null
  readonly timestamp: number
  readonly headers?: readonly Header[]
  readonly origin: Origin
}

export function makeRecord(parts: RecordParts): StreamRecord {
  const { value, raw, format, key = null, timestamp, headers = NO_HEADERS, origin } = parts
  return new PlainRecord(value, raw, format, key, timestamp, headers, { origin })
}

/**
 * The value for somebody who looks at these fields at its top alone: others may be missing, and nothing is parsed for
 * them.
 */
export function valueWith(record: StreamRecord, wanted: FieldNames): Json {
  return record instanceof FramedRecord || record instanceof ExtendedRecord ? record.valueWith(wanted) : record.value
}

/** A copy of `record` with another value: its bytes are gone, its key, time, headers and origin stay. */
export function withValue(record: StreamRecord, value: Json): StreamRecord {
  return new PlainRecord(value, undefined, undefined, record.key, record.timestamp, record.headers, { parent: record })
}

/**
 * A copy of `record` with fields that its value, an object, does not have. Its bytes stay in use: what is written is they,
 * with the fields in front of their last brace.
 */
export function withAdded(record: StreamRecord, added: JsonObject): StreamRecord {
  return new ExtendedRecord(record, added)
}

/** A copy of `record` with one header more; its value and its bytes stay. */
export function withHeader(record: StreamRecord, header: Header): StreamRecord {
  const { value, raw, format, key, timestamp, headers } = record
  return new PlainRecord(value, raw, format, key, timestamp, [...headers, header], { parent: record })
}

/** A copy of `record` with another time; its value and its bytes stay. */
export function withTimestamp(record: StreamRecord, timestamp: number): StreamRecord {
  const { value, raw, format, key, headers } = record
  return new PlainRecord(value, raw, format, key, timestamp, headers, { parent: record })
}

/**
 * One of many records that `record` becomes: key, time and origin stay, and so do the headers, unless others are given.
 * The bytes of the whole are not its own, so that a dead letter of a part shows the part.
 */
export function partOf(record: StreamRecord, value: Json, headers: readonly Header[] = record.headers): StreamRecord {
  return new PlainRecord(value, undefined, undefined, record.key, record.timestamp, headers, { whole: record })
}

/** All records of the frames, as objects. */
export function recordsOf(frames: DecodedFrames): StreamRecord[] {
  const records: StreamRecord[] = []
  const content = new FramesContent(frames)
  for (let index = 0; index < frames.count; index++) records.push(new FramedRecord(frames, index, content))
  return records
}

/** Where a frame stands in its partition: byte offset and line number in a file. */
export function framePosition({ attributes, original, base, starts, lines }: Frames, index: number): Json {
  const line = lines[index] as number
  if (attributes !== undefined) return attributes.position(line)
  const start = original === undefined ? starts[index] : original.starts[line]
  return { offset: base.offset + (start as number), line: base.line + line }
}

/** The time of a frame: its own, that of its topic, or its arrival. */
export function frameTime({ times, attributes, lines, timestamp }: DecodedFrames, index: number): number {
  if (times !== undefined) return times[index] as number
  return attributes?.timestamp(lines[index] as number) ?? timestamp
}

/** The bytes of a frame as they came. */
export function frameBytes({ data, starts, ends, lines, original }: Frames, index: number): Uint8Array {
  if (original === undefined) return data.subarray(starts[index], ends[index])
  const line = lines[index] as number
  return original.data.subarray(original.starts[line], original.ends[line])
}

/** The bytes that a record came as, even if it was changed since; undefined when it was made here. */
export function originalBytes(record: StreamRecord): Uint8Array | undefined {
  for (let ancestor: StreamRecord | undefined = record; ancestor !== undefined; ancestor = parentOf(ancestor)) {
    if (ancestor.raw !== undefined) return ancestor.raw ?? undefined
  }
  return undefined
}

/** True when `record` is `ancestor` or was made from it by one of the functions above. */
export function descendsFrom(record: StreamRecord, ancestor: StreamRecord): boolean {
  for (let link: StreamRecord | undefined = record; link !== undefined; link = madeFrom(link)) {
    if (link === ancestor) return true
  }
  return false
}

/** The record that this one was made from; undefined for one that came so. */
export function madeFrom(record: StreamRecord): StreamRecord | undefined {
  if (record instanceof ExtendedRecord) return record.parent
  if (!(record instanceof PlainRecord)) return undefined
  const { lineage } = record
  if ('parent' in lineage) return lineage.parent
  return 'whole' in lineage ? lineage.whole : undefined
}

/** The value of the last header of this name, as text (`$headers.name`). */
export function headerText(headers: readonly Header[], name: string): string | undefined {
  const value = headers.findLast((header) => header.name === name)?.value
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value
}

const NO_HEADERS: readonly Header[] = Object.freeze([])

type Lineage = { readonly origin: Origin } | { readonly parent: StreamRecord } | { readonly whole: StreamRecord }

function parentOf(record: StreamRecord): StreamRecord | undefined {
  if (record instanceof ExtendedRecord) return record.parent
  return record instanceof PlainRecord && 'parent' in record.lineage ? record.lineage.parent : undefined
}

/** One shape for all records that are objects, so that the code that reads them stays monomorphic. */
class PlainRecord implements StreamRecord {
  readonly value: Json
  readonly raw: Uint8Array | null | undefined
  readonly format: string | undefined
  readonly key: string | Uint8Array | null
  readonly timestamp: number
  readonly headers: readonly Header[]
  readonly lineage: Lineage

  constructor(
    value: Json,
    raw: Uint8Array | null | undefined,
    format: string | undefined,
    key: string | Uint8Array | null,
    timestamp: number,
    headers: readonly Header[],
    lineage: Lineage,
  ) {
    this.value = value
    this.raw = raw
    this.format = format
    this.key = key
    this.timestamp = timestamp
    this.headers = headers
    this.lineage = lineage
  }

  /** Asked of the ancestor when someone looks: most origins are never needed. */
  get origin(): Origin {
    if ('origin' in this.lineage) return this.lineage.origin
    return 'parent' in this.lineage ? this.lineage.parent.origin : this.lineage.whole.origin
  }
}

/** A record with more fields than the one that it was made from: its value is put together when somebody looks. */
export class ExtendedRecord implements StreamRecord {
  readonly parent: StreamRecord
  readonly added: JsonObject
  #value: Json | undefined = undefined

  constructor(parent: StreamRecord, added: JsonObject) {
    this.parent = parent
    this.added = added
  }

  get value(): Json {
    this.#value ??= { ...(this.parent.value as JsonObject), ...this.added }
    return this.#value
  }

  /** As that of a `FramedRecord`. */
  valueWith(wanted: FieldNames): Json {
    return this.#value ?? { ...(valueWith(this.parent, wanted) as JsonObject), ...this.added }
  }

  get raw(): undefined {
    return undefined
  }

  get format(): undefined {
    return undefined
  }

  get key(): string | Uint8Array | null {
    return this.parent.key
  }

  get timestamp(): number {
    return this.parent.timestamp
  }

  get headers(): readonly Header[] {
    return this.parent.headers
  }

  get origin(): Origin {
    return this.parent.origin
  }
}
