import { isAscii } from 'node:buffer'
import { type FieldNames, FieldPlaces, type FieldReader } from './fields.ts'
import type { DecodedFrames } from './frames.ts'
import type { Json } from './record.ts'

/**
 * The values of frames. Where their bytes are ASCII, they become one text when the first value is asked for, and those of
 * the records are parts of it: that takes a fifth less time than a text of its own for each. Of those of whom only some
 * fields are asked for, these are made one by one, from where they were found when the frames were checked, or are found
 * now, once for all who ask.
 */
export class FramesContent {
  readonly #frames: DecodedFrames
  /** Of the frames, whose objects are of many shapes: every field of every record needs these. */
  readonly #data: Buffer
  readonly #ends: Uint32Array
  readonly #reader: FieldReader | undefined
  #from = 0
  /** Undefined: not made yet. Null: there is none. */
  #text: string | null | undefined
  #places: FieldPlaces | undefined
  /** Of each record, its row in the places; undefined: they stand there by their index. */
  #rows: Uint32Array | undefined

  constructor(frames: DecodedFrames) {
    this.#frames = frames
    this.#data = frames.data
    this.#ends = frames.ends
    this.#reader = frames.codec.fields
    this.#places = frames.places
    this.#rows = frames.lines
  }

  decode(start: number, end: number): Json {
    const { codec, data } = this.#frames
    if (this.#text === undefined) this.#text = this.#make()
    if (this.#text === null || codec.decodeText === undefined) return codec.decode(data, start, end)
    return codec.decodeText(this.#text.substring(start - this.#from, end - this.#from))
  }

  /** The columns of these fields, for record `index`; undefined where only the whole value tells. */
  columnsOf(index: number, wanted: FieldNames): readonly number[] | undefined {
    const columns = (this.#places && wanted.columnsIn(this.#places.list)) ?? this.#widen(wanted)
    const places = this.#places
    if (columns === undefined || places === undefined) return undefined
    const row = this.#rowOf(index)
    if (!places.isFilled(row)) this.#find(index, row, places)
    return places.isClear(row) ? columns : undefined
  }

  field(index: number, column: number): Json | undefined {
    const start = this.#startOf(index, column)
    return start === 0 ? undefined : this.#reader?.make(this.#data, start, this.#ends[index] as number)
  }

  /**
   * What `read` makes of the text in the one field that is wanted, as it is written; undefined where its value is to be
   * asked for.
   */
  readText(index: number, wanted: FieldNames, read: ReadText): number | undefined {
    const columns = this.columnsOf(index, wanted)
    const start = columns === undefined ? 0 : this.#startOf(index, columns[0] as number)
    const data = this.#data
    if (start === 0 || data[start] !== QUOTE) return undefined
    const last = this.#ends[index] as number
    let end = start + 1
    while (end < last && data[end] !== QUOTE) end += 1
    return read(data, start + 1, end)
  }

  #startOf(index: number, column: number): number {
    return this.#places?.startOf(this.#rowOf(index), column) ?? 0
  }

  #rowOf(index: number): number {
    return this.#rows === undefined ? index : (this.#rows[index] as number)
  }

  #find(index: number, row: number, places: FieldPlaces): void {
    places.begin(row)
    this.#reader?.find(this.#data, this.#frames.starts[index] as number, this.#ends[index] as number, places)
  }

  /** From now on these fields are looked for too, in this batch and in those that follow. */
  #widen(wanted: FieldNames): readonly number[] | undefined {
    const { looks, count } = this.#frames
    if (this.#reader === undefined || looks === undefined) return undefined
    looks.lookFor(wanted)
    this.#places = new FieldPlaces(looks.list, count)
    this.#rows = undefined
    return wanted.columnsIn(looks.list)
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

/** Works something out of a text as it is written, `data[start .. end]`; undefined where its value is to be asked for. */
export type ReadText = (data: Buffer, start: number, end: number) => number | undefined

const QUOTE = 0x22

/** Bytes of the frames whose text is made at once: that of many long records would take more room than it is worth. */
const LONGEST_TEXT = 256 * 1024
