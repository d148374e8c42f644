import { didYouMean } from '../../config/nearest.ts'
import type { Json } from '../../record.ts'
import { FunctionError } from './errors.ts'
import type { StreamrunFunction } from './index.ts'

/** The tables of a pipeline, by name. */
export type Tables = ReadonlyMap<string, Table>

/** Rows by their key; a key that is a number in the file is its text. */
export type Table = ReadonlyMap<string, Json>

export const NO_TABLES: Tables = new Map()

/** The package writes into arrays and objects that it is given (J-6): every call gets a row of its own. */
function copyOf(value: Json | undefined): Json | undefined {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => copyOf(item) as Json)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part) as Json]))
}

export const tableFunctions: Readonly<Record<string, StreamrunFunction>> = {
  lookup_table: {
    signature: '<s(sn)-:x>',
    parameters: 'name, key',
    about:
      'The row of a table of the pipeline (top-level key `tables`) that has this key, or nothing. A key that is a number means its text.',
    examples: [
      { expression: '$lookup_table("countries", country).name', input: { country: 'DK' }, result: 'Denmark' },
      { expression: '$lookup_table("countries", "XX") ?? "unknown"', result: 'unknown' },
    ],
    implement:
      ({ tables }) =>
      (name?: string, key?: string | number) => {
        if (name === undefined || key === undefined) return undefined
        const table = tables.get(name)
        if (table === undefined) throw new FunctionError('D4007')
        return copyOf(table.get(String(key)))
      },
    check: ([name], { tables }) => {
      if (typeof name !== 'string' || tables.has(name)) return undefined
      const hint = didYouMean(name, tables.keys()) ?? 'add it under `tables:`'
      return { argument: 0, message: `there is no table "${name}"`, hint }
    },
  },
}
