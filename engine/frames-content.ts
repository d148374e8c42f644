import { isAscii } from 'node:buffer'
import type { FieldList, FieldNames } from './fields.ts'
import type { DecodedFrames, Json } from './record.ts'

/**
 * The values of frames. Where their bytes are ASCII, they become one text when the first value is asked for, and those of
 * the records are parts of it: that takes a fifth less time than a text of its own for each. Of those of whom only some
 * fields are asked for, these are looked up once for all who ask, and made one by one.
 */
export class FramesContent {
  readonly #frames: DecodedFrames
  #from = 0
  /** Undefined: not made yet. Null: there is none. */
  #text: string | null | undefined
  #list: FieldList | undefined
  /** As `FieldReader.find` says, record by record. */
  #places = NO_PLACES
  /** Of each record: 0 before its fields are looked up, `FOUND`, or `WHOLE` where only the whole value tells. */
  #found = NOT_FOUND

  constructor(frames: DecodedFrames) {
    this.#frames = frames
  }

  decode(start: number, end: number): Json {
    const { codec, data } = this.#frames
    if (this.#text === undefined) this.#text = this.#make()
    if (this.#text === null || codec.decodeText === undefined) return codec.decode(data, start, end)
    return codec.decodeText(this.#text.substring(start - this.#from, end - this.#from))
  }

  /** Where the fields of record `index` are among those that `field` knows; undefined where only the whole value tells. */
  placesOf(index: number, wanted: FieldNames): readonly number[] | undefined {
    const known = this.#list && wanted.placesIn(this.#list)
    const places = known ?? this.#widen(wanted)
    if (places === undefined) return undefined
    if (this.#found[index] === 0) this.#find(index)
    return this.#found[index] === FOUND ? places : undefined
  }

  field(index: number, place: number): Json | undefined {
    const at = 2 * (index * (this.#list as FieldList).names.length + place)
    const end = this.#places[at + 1] as number
    if (end === 0) return undefined
    const { codec, data } = this.#frames
    return codec.fields?.make(data, this.#places[at] as number, end)
  }

  readText(index: number, place: number, read: ReadBytes): number | undefined {
    const at = 2 * (index * (this.#list as FieldList).names.length + place)
    const { data } = this.#frames
    const start = this.#places[at] as number
    return data[start] === QUOTE ? read(data, start + 1, (this.#places[at + 1] as number) - 1) : undefined
  }

  #find(index: number): void {
    const { codec, data, starts, ends } = this.#frames
    const list = this.#list as FieldList
    const first = 2 * index * list.names.length
    const isFound = codec.fields?.find(data, starts[index] as number, ends[index] as number, list, this.#places, first)
    this.#found[index] = isFound ? FOUND : WHOLE
  }

  /** From now on these fields are looked up too, in this batch and in those that follow. */
  #widen(wanted: FieldNames): readonly number[] | undefined {
    const { codec, looks, count } = this.#frames
    if (codec.fields === undefined || looks === undefined) return undefined
    if (wanted.placesIn(looks.list) === undefined) looks.list = looks.list.with(wanted.names)
    this.#list = looks.list
    this.#places = new Int32Array(2 * count * looks.list.names.length)
    this.#found = new Uint8Array(count)
    return wanted.placesIn(looks.list)
  }

  #make(): string | null {
    const { codec, data, starts, ends, count } = this.#frames
    const [from, to] = [starts[0] as number, ends[count - 1] as number]
    if (codec.decodeText === undefined || to - from > LONGEST_TEXT) return null
    const bytes = data.subarray(from, to)
    if (!isAscii(bytes)) return null
    this.#from = from
    return bytes.toString('latin1')
  }
}

/** Works something out of the bytes `data[start .. end]`. */
export type ReadBytes = (data: Buffer, start: number, end: number) => number | undefined

const QUOTE = 0x22
const FOUND = 1
const WHOLE = 2
const NO_PLACES = new Int32Array(0)
const NOT_FOUND = new Uint8Array(0)

/** Bytes of the frames whose text is made at once: that of many long records would take more room than it is worth. */
const LONGEST_TEXT = 256 * 1024
