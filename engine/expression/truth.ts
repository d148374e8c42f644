import type { Json } from '../record.ts'

/**
 * What JSONata's `$boolean` says of a result, and false for nothing: the meaning of every `where`. An array is true
 * when one of its items is, at any depth; an object when it has a field; a text or number when it is not empty or 0.
 */
export function isTrue(value: Json | undefined): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string' || typeof value === 'number') return Boolean(value)
  if (value === undefined || value === null) return false
  return Array.isArray(value) ? value.some(isTrue) : Object.keys(value).length > 0
}
