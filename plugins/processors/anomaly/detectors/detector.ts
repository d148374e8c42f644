import type { Json } from '../../../../engine/plugin.ts'

/** What would have been no anomaly. */
export type Expected =
  | { readonly min?: number; readonly max?: number }
  | { readonly none_of: readonly Json[] }
  | { readonly condition: string }

/** What a detector has learned of one key: a few numbers, changed in place. */
export type Model = number[]

/** One way of telling anomalies, for one key at a time. */
export interface Detector {
  /** The expression whose result is judged. */
  readonly of: string
  /** True: it judges numbers, and anything else is refused before. */
  readonly isNumeric: boolean
  /** What is expected where the value is an anomaly, else undefined. */
  judge(value: Json, time: number, model: Model): Expected | undefined
  /** Takes the value into the model. Left out: there is nothing to learn, and no `warm_up`. */
  learn?(value: number, time: number, model: Model): void
}

/** Where a number has to be. Bounds that say nothing are left out. */
export function outside(value: number, min: number, max: number): Expected | undefined {
  if (value >= min && value <= max) return undefined
  return { ...(Number.isFinite(min) ? { min } : {}), ...(Number.isFinite(max) ? { max } : {}) }
}
