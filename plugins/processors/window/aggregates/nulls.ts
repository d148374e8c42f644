import type { Json, JsonObject } from '../../../../engine/plugin.ts'

/** The value without its nulls, which count as missing; the value itself where it has none; undefined for null. */
export function withoutNulls(value: Json): Json | undefined {
  if (value === null) return undefined
  if (typeof value !== 'object' || !holdsNull(value)) return value
  if (Array.isArray(value)) return value.flatMap((item: Json) => (item === null ? [] : [withoutNulls(item) as Json]))
  const fields = Object.entries(value as JsonObject).filter(([, field]) => field !== null)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field) as Json]))
}

function holdsNull(value: Json): boolean {
  if (typeof value !== 'object') return false
  if (value === null) return true
  if (Array.isArray(value)) return value.some(holdsNull)
  for (const name in value) if (holdsNull((value as JsonObject)[name] as Json)) return true
  return false
}
