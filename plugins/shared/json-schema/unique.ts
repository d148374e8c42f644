import type { Json, JsonObject } from '../../../engine/plugin.ts'

/** True when no two items are equal as JSON: `1` and `1.0` are, and the order of fields counts for nothing. */
export function areUnique(items: readonly Json[]): boolean {
  const seen = new Set<string>()
  for (const item of items) {
    const text = canonicalText(item)
    if (seen.has(text)) return false
    seen.add(text)
  }
  return true
}

/** The fields of each map in the order of their names. A map stays a map, so that it equals no list. */
function canonicalText(value: Json): string {
  return JSON.stringify(value, (_, inner: Json) =>
    isMap(inner) ? { map: Object.entries(inner as JsonObject).sort(byName) } : inner,
  )
}

function isMap(value: Json): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function byName([a]: [string, Json], [b]: [string, Json]): number {
  return a < b ? -1 : 1
}
