import type { Json } from '../../../../engine/plugin.ts'

/** What the number aggregates take. JSON has no text for the others, and one of them would poison every sum (WI-07). */
export function refusesNonNumbers(value: Json): string | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? undefined : 'a number'
}
