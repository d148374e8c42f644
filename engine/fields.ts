import { KeyOrder, NO_COLUMN } from './key-order.ts'
import type { Json } from './record.ts'

/** Finds single fields in the bytes of records, for those who look at a few of them: part of the reading half of a codec. */
export interface FieldReader {
  /** Notes where the fields at the top of the record `data[start .. end]` stand, in the row that was begun. */
  find(data: Buffer, start: number, end: number, places: FieldPlaces): void
  /** The value that begins at `start`, in a record that ends at `end`. */
  make(data: Buffer, start: number, end: number): Json
  /** Whether the record that begins there has fields. */
  isObject(data: Buffer, start: number): boolean
}

/** All names that anybody looks for in the records of a source. */
export class FieldList {
  readonly names: readonly string[]
  readonly #bytes: readonly Uint8Array[]
  /** A bit for the length of each name, and for those 32 longer, and so on. */
  readonly #lengths: number

  constructor(names: readonly string[]) {
    this.names = names
    this.#bytes = names.map((name) => Buffer.from(name))
    this.#lengths = this.#bytes.reduce((bits, { length }) => bits | (1 << length), 0)
  }

  /** Itself where there would be too many. */
  with(names: readonly string[]): FieldList {
    const all = [...new Set([...this.names, ...names])]
    return all.length > MOST_FIELDS ? this : new FieldList(all)
  }

  /** Which of the names stands in `data[start .. end]`; `NO_COLUMN` for none. */
  columnOf(data: Uint8Array, start: number, end: number): number {
    const length = end - start
    // Most names that stand in records are of no length that is looked for.
    if (((this.#lengths >>> length) & 1) === 0) return NO_COLUMN
    const names = this.#bytes
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as Uint8Array
      if (name.length !== length) continue
      let at = 0
      while (at < name.length && name[at] === data[start + at]) at += 1
      if (at === name.length) return index
    }
    return NO_COLUMN
  }
}

/** Each makes every key of a record a little slower to read. */
const MOST_FIELDS = 24

/** The names that one expression looks for. */
export class FieldNames {
  readonly names: readonly string[]
  #list: FieldList | undefined
  #columns: readonly number[] | undefined

  constructor(names: readonly string[]) {
    this.names = names
  }

  /** The place of each name in the list; undefined when one is not in it. */
  columnsIn(list: FieldList): readonly number[] | undefined {
    if (this.#list !== list) this.#lookUp(list)
    return this.#columns
  }

  /** Apart: what its closure holds would be allocated for every record. */
  #lookUp(list: FieldList): void {
    const columns = this.names.map((name) => list.names.indexOf(name))
    this.#list = list
    this.#columns = columns.includes(-1) ? undefined : columns
  }
}

/** Undefined where a name would be another thing in a literal object than in parsed JSON. */
export function fieldNames(names: readonly string[]): FieldNames | undefined {
  return names.includes('__proto__') ? undefined : new FieldNames(names)
}

/** Where fields stand in the bytes of records: a row for each record, a column for each name of the list. */
export class FieldPlaces {
  readonly list: FieldList
  readonly #columns: number
  /** Where a value begins; 0 where there is none, for its name stands before it. */
  readonly #starts: Uint32Array
  readonly #states: Uint8Array
  readonly #order = new KeyOrder()
  /** The row that is filled. */
  #row = 0
  #first = 0

  constructor(list: FieldList, rows: number) {
    this.list = list
    this.#columns = list.names.length
    this.#starts = new Uint32Array(rows * this.#columns)
    this.#states = new Uint8Array(rows)
  }

  /** What is noted from now on stands in this row. */
  begin(row: number): void {
    this.#row = row
    this.#first = row * this.#columns
    this.#states[row] = CLEAR
    this.#order.begin()
  }

  /** Where the value begins whose key, at `start`, is that of the record before, which is noted; 0 for another one. */
  foresee(data: Uint8Array, start: number, end: number): number {
    const value = this.#order.foresee(data, start, end)
    if (value !== 0) this.#put(this.#order.column, value)
    return value
  }

  /** The key that begins at `start` and ends at `end`, at its quotes. */
  note(data: Uint8Array, start: number, end: number, value: number): void {
    if (data[start + 1] === UNDERSCORE && MARKS.columnOf(data, start + 1, end) !== NO_COLUMN) {
      this.giveUp()
      return
    }
    const column = this.list.columnOf(data, start + 1, end)
    this.#order.put(start, value, column)
    this.#put(column, value)
  }

  /** Of a name that comes twice the last one counts, as in `JSON.parse`. */
  #put(column: number, value: number): void {
    if (column !== NO_COLUMN) this.#starts[this.#first + column] = value
  }

  /** Only the whole value tells which fields the record has: it is no object, or a name has escapes, or is a mark. */
  giveUp(): void {
    this.#states[this.#row] = UNCLEAR
    this.#order.putNone()
  }

  isFilled(row: number): boolean {
    return this.#states[row] !== EMPTY
  }

  isClear(row: number): boolean {
    return this.#states[row] === CLEAR
  }

  /** 0: the record has no such field. */
  startOf(row: number, column: number): number {
    return this.#starts[row * this.#columns + column] as number
  }
}

/** An object with such a field is a function to JSONata, and has no other fields for it. */
const MARKS = new FieldList(['_jsonata_function', '_jsonata_lambda'])
const UNDERSCORE = 0x5f
const EMPTY = 0
const CLEAR = 1
const UNCLEAR = 2

/** What is looked at in the records of a source: shared by all of its batches. */
export class Looks {
  #list = new FieldList([])
  /** How many records had some fields looked at first, and how many of them as a whole later. */
  #first = 0
  #again = 0

  get list(): FieldList {
    return this.#list
  }

  /** All at once is cheaper. */
  get prefersWhole(): boolean {
    return this.#again * 2 > this.#first && this.#first > MANY_LOOKS
  }

  lookFor(wanted: FieldNames): void {
    if (wanted.columnsIn(this.#list) === undefined) this.#list = this.#list.with(wanted.names)
  }

  /** For records that are being checked; undefined while nobody looks for a field. */
  placesFor(rows: number): FieldPlaces | undefined {
    const isWanted = rows > 0 && this.#list.names.length > 0 && !this.prefersWhole
    return isWanted ? new FieldPlaces(this.#list, rows) : undefined
  }

  countFirst(): void {
    this.#first += 1
  }

  countAgain(): void {
    this.#again += 1
  }
}

const MANY_LOOKS = 256
