import type { Json } from '../../../../engine/plugin.ts'
import type { Models } from './models.ts'

/** What would have been no anomaly. */
export type Expected =
  | { readonly min?: number; readonly max?: number }
  | { readonly none_of: readonly Json[] }
  | { readonly condition: string }

/** One way of telling anomalies, for one key at a time. */
export interface Detector {
  /** The expression whose result is judged. */
  readonly of: string
  /** True: it judges numbers, and anything else is refused before. */
  readonly isNumeric: boolean
  /** What is expected where the value is an anomaly, else undefined. One that learns is asked only of rows that have learned. */
  judge(value: Json, time: number, row: number): Expected | undefined
  /** Left out: there is nothing to learn, and no `warm_up`. */
  readonly learning?: Learning
}

/** How a detector learns: what it has learned so far, and what takes one more value into the row. */
export interface Learning {
  readonly models: Models
  learn(value: number, time: number, row: number): void
}

/** Where a number has to be. Bounds that say nothing are left out. */
export function outside(value: number, min: number, max: number): Expected | undefined {
  if (value >= min && value <= max) return undefined
  return { ...(Number.isFinite(min) ? { min } : {}), ...(Number.isFinite(max) ? { max } : {}) }
}
