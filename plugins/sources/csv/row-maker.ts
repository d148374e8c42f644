import { csv, type Json, type JsonObject, RecordError } from '../../../engine/plugin.ts'
import type { CsvSourceOptions } from './options.ts'
import { EXTRA } from './table.ts'
import { type Column, READ_TYPED, type TypeOfValues } from './types.ts'

/** Makes a value of each row. One buffer of fields serves all rows. */
export class RowMaker {
  readonly #names: readonly string[]
  readonly #dialect: csv.Dialect
  readonly #ragged: CsvSourceOptions['ragged']
  readonly #typed: readonly { readonly index: number; readonly type: TypeOfValues }[]
  readonly #make: (fields: readonly Json[]) => JsonObject
  readonly #makeWithExtra: (fields: readonly Json[], extra: Json) => JsonObject
  readonly #fields: Json[] = []

  constructor(columns: readonly Column[], options: CsvSourceOptions) {
    const names = columns.map(({ name }) => name)
    this.#names = names
    this.#dialect = options.csv
    this.#ragged = options.ragged
    this.#typed = columns.flatMap(({ type }, index) => (type === 'string' ? [] : [{ index, type }]))
    this.#make = constructorOf(names)
    this.#makeWithExtra = constructorOf([...names, EXTRA], 'extra')
  }

  /** The value of a row, or why it has none. */
  make(row: string, kind: 'plain' | 'quoted'): JsonObject | RecordError {
    const fields = this.#fields
    const count = csv.splitRow(row, { from: 0, to: row.length, kind }, this.#dialect, fields)
    const wanted = this.#names.length
    if (count !== wanted) {
      if (this.#ragged === 'error' || (count > wanted && this.#ragged === 'pad')) return this.#raggedError(count)
      for (let index = count; index < wanted; index++) fields[index] = ''
    }
    for (const { index, type } of this.#typed) {
      const field = fields[index] as string
      const value = field === '' ? null : READ_TYPED[type](field)
      if (value === undefined) return this.#typeError(index, type, field)
      fields[index] = value
    }
    const keepsExtra = count > wanted && this.#ragged === 'keep-extra'
    return keepsExtra ? this.#makeWithExtra(fields, fields.slice(wanted, count)) : this.#make(fields)
  }

  #raggedError(count: number): RecordError {
    return new RecordError('SR_CSV_RAGGED', `${count} fields in a row of ${this.#names.length} columns`)
  }

  /** J-7: names the column, never what stands in it. */
  #typeError(index: number, type: string, field: string): RecordError {
    const isTooLarge = type !== 'boolean' && Number.isFinite(Number(field)) && /^[-+]?[0-9]+$/.test(field)
    const how = isTooLarge ? `is too large to keep its digits as a number` : `is no ${type}`
    return new RecordError('SR_CSV_TYPE', `the column "${this.#names[index]}" ${how}`)
  }
}

/**
 * A function with one object literal in it: all rows then share one hidden class, and are made several times faster than
 * name by name. Names stand in it as JSON texts, and `__proto__` as a computed key, which is a property like any other
 * (CS-05). `last` is the parameter that the last name is given.
 */
function constructorOf<A extends unknown[]>(names: readonly string[], last?: string): (...parts: A) => JsonObject {
  const members = names.map((name, index) => {
    const isLast = last !== undefined && index === names.length - 1
    return `[${JSON.stringify(name)}]: ${isLast ? last : `fields[${index}]`}`.replace(PLAIN_KEY, '$1:')
  })
  return new Function('fields', 'extra', `return { ${members.join(', ')} }`) as (...parts: A) => JsonObject
}

/** Keys that need not be computed. */
const PLAIN_KEY = /^\[("(?!__proto__")(?:[^"\\]|\\.)*")\]:/
