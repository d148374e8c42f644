import { csv } from '../../../engine/plugin.ts'
import { specialIn, viewOf } from './json-lines.ts'
import { jsonEnd } from './typed-bytes.ts'
import { type Column, READ_TYPED, type TypeOfValues } from './types.ts'

/**
 * What the check of a row has found of its fields, kept for whoever writes the row as JSON: KNOWN, then for each field
 * where it begins and where its JSON text ends, counted from the start of the row; for a text, that is all that stands
 * between its quotes, and a typed field without text is null. PLAIN: the same, and all of it stands in JSON strings as it
 * is. UNKNOWN: nothing more is said.
 */
export class FieldNotes {
  /** Entries of a row. */
  readonly width: number
  readonly #columns: number
  readonly #typed: readonly { readonly index: number; readonly type: TypeOfValues }[]
  readonly #places: csv.FieldPlaces
  /** Four times the same. */
  readonly #delimiters: number
  #data: Buffer = NOTHING
  #view: DataView = viewOf(NOTHING)

  constructor(columns: readonly Column[], dialect: csv.Dialect) {
    this.width = 1 + 2 * columns.length
    this.#columns = columns.length
    this.#typed = columns.flatMap(({ type }, index) => (type === 'string' ? [] : [{ index, type }]))
    this.#places = new csv.FieldPlaces(dialect, columns.length)
    this.#delimiters = dialect.delimiter.charCodeAt(0) * 0x01010101
  }

  /**
   * Notes the fields of the row `data[start .. end]` in `notes` at `at`, and says how many they are. `isPlain`: there are
   * no quotes in it.
   */
  find(data: Buffer, start: number, end: number, isPlain: boolean, notes: Uint16Array, at: number): number {
    notes[at] = KNOWN
    if (isPlain && end - start <= FURTHEST) return this.#findPlain(this.#viewOf(data), start, end, notes, at)
    const count = this.#places.find(data, start, end)
    const { starts, ends, doubled } = this.#places
    if (count !== this.#columns || end - start > FURTHEST || doubled.includes(1)) notes[at] = UNKNOWN
    for (let index = 0, entry = at + 1; index < this.#columns; index++, entry += 2) {
      notes[entry] = (starts[index] as number) - start
      notes[entry + 1] = (ends[index] as number) - start
    }
    return count
  }

  /** Delimiters are looked for in four bytes at a time. */
  #findPlain(view: DataView, start: number, end: number, notes: Uint16Array, at: number): number {
    const delimiters = this.#delimiters
    const last = at + this.width - 1
    let entry = at + 1
    let count = 1
    let special = 0
    notes[entry++] = 0
    for (let from = start; from < end; from += 4) {
      const word = from + 4 <= end ? view.getInt32(from, true) : bytesOf(view, from, end, ~delimiters)
      let found = zeroBytesOf(word ^ delimiters)
      special |= specialIn(word) & ~found
      for (; found !== 0; found &= found - 1) {
        const place = from - start + lowestByte(found)
        count++
        if (entry === last) continue
        notes[entry++] = place
        notes[entry++] = place + 1
      }
    }
    notes[last] = end - start
    if (special === 0) notes[at] = PLAIN
    return count
  }

  /** Of a row that has a field for each column; false: one of them may not be of its type. */
  readTypes(data: Buffer, start: number, notes: Uint16Array, at: number): boolean {
    for (const { index, type } of this.#typed) {
      const entry = at + 1 + 2 * index
      const from = start + (notes[entry] as number)
      const to = start + (notes[entry + 1] as number)
      const textEnd = from === to ? to : jsonEnd(type, data, from, to)
      if (textEnd >= 0) notes[entry + 1] = textEnd - start
      else if (READ_TYPED[type](data.toString('latin1', from, to)) === undefined) return false
      else notes[at] = UNKNOWN
    }
    return true
  }

  #viewOf(data: Buffer): DataView {
    if (data !== this.#data) {
      this.#data = data
      this.#view = viewOf(data)
    }
    return this.#view
  }
}

export const UNKNOWN = 0
export const KNOWN = 1
export const PLAIN = 2
/** Bytes of a row that can be noted. */
export const FURTHEST = 0xffff

/** Fewer than four bytes, and those of `filler` in the place of the others. */
function bytesOf(view: DataView, from: number, end: number, filler: number): number {
  let word = filler
  for (let at = end - 1; at >= from; at--) word = (word << 8) | view.getUint8(at)
  return word
}

/** The high bit of each of four bytes that is 0, and of no other: nothing is borrowed from one byte to the next. */
function zeroBytesOf(word: number): number {
  return ~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f)
}

/** Which of four bytes is the first of those whose high bit is set. */
function lowestByte(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >> 3
}

const NOTHING = Buffer.alloc(0)
