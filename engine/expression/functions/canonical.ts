import { FunctionError } from './errors.ts'

/**
 * JSON text that is the same for equal values: object keys sorted, -0 as 0. What `$distinct` takes for equal has the
 * same text.
 */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || '_jsonata_lambda' in value || '_jsonata_function' in value) {
    throw new FunctionError('T0412')
  }
  const object = value as Readonly<Record<string, unknown>>
  const fields = Object.keys(object).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(object[name])}`).join()}}`
}

/**
 * An order of all JSON values: null, booleans, numbers, texts by their UTF-16 units as `<` has it, then lists and
 * objects by their canonical text.
 */
export function compareValues(a: unknown, b: unknown): number {
  const rank = rankOf(a) - rankOf(b)
  if (rank !== 0) return rank
  if (typeof a === 'object') return ascending(canonical(a), canonical(b))
  return ascending(a as string, b as string)
}

const TYPES = ['boolean', 'number', 'string']

function rankOf(value: unknown): number {
  if (value === null) return -1
  return typeof value === 'object' ? (Array.isArray(value) ? 3 : 4) : TYPES.indexOf(typeof value)
}

function ascending<T extends string | number | boolean>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}
