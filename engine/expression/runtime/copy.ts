import { type Data, setField } from './values.ts'

/** A copy of data, for evaluations that write into what they are given. Functions and the like stay what they are. */
export function copyOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Data = {}
  for (const name of Object.keys(value)) setField(copy, name, copyOf((value as Data)[name]))
  return copy
}
