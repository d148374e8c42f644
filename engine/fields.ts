import type { Json } from './record.ts'

/** Finds single fields in the bytes of records, for those who look at a few of them: the reading half of a codec. */
export interface FieldReader {
  /**
   * Where the fields of the list stand at the top of the record `data[start .. end]`: of field i from
   * `places[first + 2i]` to `places[first + 2i + 1]`, both 0 where there is none (they are so when it is called). False
   * where only the whole value tells.
   */
  find(data: Buffer, start: number, end: number, list: FieldList, places: Int32Array, first: number): boolean
  /** The value that stands there. */
  make(data: Buffer, start: number, end: number): Json
  /** Whether the record that begins there has fields. */
  isObject(data: Buffer, start: number): boolean
}

/** All names that anybody looks for in the records of a source. */
export class FieldList {
  readonly names: readonly string[]
  readonly bytes: readonly Uint8Array[]

  constructor(names: readonly string[]) {
    this.names = names
    this.bytes = names.map((name) => Buffer.from(name))
  }

  with(names: readonly string[]): FieldList {
    return new FieldList([...new Set([...this.names, ...names])])
  }
}

/** The names that one expression looks for. */
export class FieldNames {
  readonly names: readonly string[]
  #list: FieldList | undefined
  #places: readonly number[] | undefined

  constructor(names: readonly string[]) {
    this.names = names
  }

  /** The place of each name in the list; undefined when one is not in it. */
  placesIn(list: FieldList): readonly number[] | undefined {
    if (this.#list !== list) {
      const places = this.names.map((name) => list.names.indexOf(name))
      this.#list = list
      this.#places = places.includes(-1) ? undefined : places
    }
    return this.#places
  }
}

/** What is looked at in the records of a source: shared by all of its batches. */
export interface Looks {
  /** How many records had some fields looked at first, and how many of them as a whole later: then all at once is cheaper. */
  first: number
  again: number
  list: FieldList
}

/** Undefined where a name would be another thing in a literal object than in parsed JSON. */
export function fieldNames(names: readonly string[]): FieldNames | undefined {
  return names.includes('__proto__') ? undefined : new FieldNames(names)
}
