import type { Scratch } from './codec/scratch.ts'
import type { FieldPlaces, FieldReader, Looks } from './fields.ts'
import type { Header, Json } from './record.ts'

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
   * What `JSON.stringify` makes of the value of each slice, with a line feed behind it, without making the values: in
   * `scratch` where that is given, else in memory of its own. Left out: values must be made.
   */
  toJson?(slices: Slices, scratch?: Scratch): Slices
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

/** Of records that have none. */
export const NO_HEADERS: readonly Header[] = Object.freeze([])
