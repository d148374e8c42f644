import type { FieldPlaces, Frames, Json } from '../record.ts'
import { type FieldNames, placeOf, valueAt } from './json-fields.ts'

/** The fields that stages behind a source have asked for so far: where they stand is noted while records are checked. */
export class AskedFields {
  #names: FieldNames = { names: [], bytes: [] }
  #known = new Set<FieldNames>()
  /** For the names of now. */
  #columns = new Map<FieldNames, Columns>()

  /** `wanted` is one of few objects: the fields that some stage looks at. */
  add(wanted: FieldNames): void {
    if (this.#known.has(wanted)) return
    this.#known.add(wanted)
    const added = wanted.names.flatMap((name, index) => (this.#names.names.includes(name) ? [] : [index]))
    if (added.length === 0 || this.#names.names.length + added.length > MOST_FIELDS) return
    this.#names = {
      names: [...this.#names.names, ...added.map((index) => wanted.names[index] as string)],
      bytes: [...this.#names.bytes, ...added.map((index) => wanted.bytes[index] as Uint8Array)],
    }
    this.#columns = new Map()
  }

  /** A sheet for the records of these frames; undefined while nobody has asked for a field. */
  notesFor({ lines, count }: Frames): FieldNotes | undefined {
    if (this.#names.names.length === 0 || count === 0) return undefined
    return new FieldNotes(this.#names, this.#columns, (lines[count - 1] as number) + 1)
  }
}

/** Where each of the wanted fields stands in the notes; undefined when one of them is not noted. */
type Columns = readonly number[] | undefined

/** Each makes every key of a record a little slower to read. */
const MOST_FIELDS = 16

/** Where fields stand in the bytes of records, by the line of each record. */
export class FieldNotes implements FieldPlaces {
  readonly #asked: FieldNames
  readonly #columns: Map<FieldNames, Columns>
  /** Where the value of each field of a line begins; 0: it has none. */
  readonly #starts: Uint32Array
  readonly #size: number
  /** A bit for the length of each name, by its last five bits: most keys are told apart by it. */
  readonly #lengths: number
  /** Where the line that is noted now has its place. */
  #first = 0

  constructor(asked: FieldNames, columns: Map<FieldNames, Columns>, lines: number) {
    this.#asked = asked
    this.#columns = columns
    this.#size = asked.names.length
    this.#lengths = asked.bytes.reduce((bits, { length }) => bits | (1 << length), 0)
    this.#starts = new Uint32Array(lines * this.#size)
  }

  /** What is noted from now on is of this line. */
  begin(line: number): void {
    this.#first = line * this.#size
  }

  /** Of a name that comes twice the last one counts, as in `JSON.parse`. */
  note(data: Uint8Array, name: number, nameEnd: number, value: number): void {
    if (((this.#lengths >>> (nameEnd - name)) & 1) === 0) return
    const field = placeOf(data, name, nameEnd, this.#asked.bytes)
    if (field !== -1) this.#starts[this.#first + field] = value
  }

  /** Only parsing tells which fields the line has: it is no object, or a name has escapes. */
  giveUp(): void {
    this.#starts[this.#first] = UNCLEAR
  }

  fieldsOf(line: number, data: Buffer, end: number, wanted: FieldNames): Json | undefined {
    const columns = this.#columnsOf(wanted)
    const first = line * this.#size
    if (columns === undefined || this.#starts[first] === UNCLEAR) return undefined
    const object: { [name: string]: Json } = {}
    for (let index = 0; index < columns.length; index++) {
      const start = this.#starts[first + (columns[index] as number)] as number
      if (start !== 0) object[wanted.names[index] as string] = valueAt(data, start, end)
    }
    return object
  }

  #columnsOf(wanted: FieldNames): Columns {
    const known = this.#columns.get(wanted)
    if (known !== undefined || this.#columns.has(wanted)) return known
    const columns = wanted.names.map((name) => this.#asked.names.indexOf(name))
    const found = columns.includes(-1) ? undefined : columns
    this.#columns.set(wanted, found)
    return found
  }
}

/** No place of a value: buffers are shorter. */
const UNCLEAR = 0xffffffff
