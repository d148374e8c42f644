/**
 * Records and the bytes that they come from. A record is immutable; a changed one is a new record with the same origin.
 * Most records are never touched one by one: they travel as `Frames`, and objects are made only where a stage looks.
 */

import type { FieldNames } from './fields.ts'
import { FramedRecord } from './framed-record.ts'
import { NO_HEADERS } from './frames.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json }

/** One event. */
export interface StreamRecord {
  /** Parsed on first touch; never throws, because the codec checked the bytes before. Not to be changed in place. */
  readonly value: Json
  /** What `JSON.stringify` makes of the value, without making the value. Left out: it must be made. */
  json?(): string
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
