import type { csv } from '../../../engine/plugin.ts'
import { jsonEnd } from './typed-bytes.ts'
import { type Column, READ_TYPED, type TypeOfValues } from './types.ts'

/**
 * What the check of a row has found of its fields, kept for whoever writes the row as JSON: KNOWN, then for each field
 * where it begins and where its JSON text ends, counted from the start of the row; for a text, that is all that stands
 * between its quotes, and a typed field without text is null. UNKNOWN: nothing more is said.
 */
export class FieldNotes {
  /** Entries of a row. */
  readonly width: number
  readonly #places: csv.FieldPlaces
  readonly #columns: number
  readonly #typed: readonly { readonly index: number; readonly type: TypeOfValues }[]

  /** `places`: where the fields of the row stand that is noted. */
  constructor(columns: readonly Column[], places: csv.FieldPlaces) {
    this.width = 1 + 2 * columns.length
    this.#places = places
    this.#columns = columns.length
    this.#typed = columns.flatMap(({ type }, index) => (type === 'string' ? [] : [{ index, type }]))
  }

  /** Notes the row `data[start .. end]`, which has a field for each column, in `notes` at `at`; false: one is not of its type. */
  write(data: Buffer, start: number, end: number, notes: Uint16Array, at: number): boolean {
    const { starts, ends, doubled } = this.#places
    let known = end - start <= FURTHEST ? KNOWN : UNKNOWN
    for (let index = 0, entry = at + 1; index < this.#columns; index++, entry += 2) {
      notes[entry] = (starts[index] as number) - start
      notes[entry + 1] = (ends[index] as number) - start
      if (doubled[index] === 1) known = UNKNOWN
    }
    for (const { index, type } of this.#typed) {
      const from = starts[index] as number
      const to = ends[index] as number
      const textEnd = from === to ? to : jsonEnd(type, data, from, to)
      if (textEnd >= 0) notes[at + 2 + 2 * index] = textEnd - start
      else if (READ_TYPED[type](data.toString('latin1', from, to)) === undefined) return false
      else known = UNKNOWN
    }
    notes[at] = known
    return true
  }
}

export const UNKNOWN = 0
export const KNOWN = 1
const FURTHEST = 0xffff
