import type { FieldNames, Looks } from './fields.ts'
import { type DecodedFrames, frameBytes, framePosition, frameTime, NO_HEADERS } from './frames.ts'
import { FramesContent } from './frames-content.ts'
import type { Header, Json, JsonObject, Origin, StreamRecord } from './record.ts'

/** All records of the frames, as objects. */
export function recordsOf(frames: DecodedFrames): StreamRecord[] {
  const records: StreamRecord[] = []
  const content = new FramesContent(frames)
  for (let index = 0; index < frames.count; index++) records.push(new FramedRecord(frames, index, content))
  return records
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
