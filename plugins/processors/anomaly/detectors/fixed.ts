import { isTrue, type Json } from '../../../../engine/plugin.ts'
import { type Detector, outside } from './detector.ts'

/** Detectors that learn nothing. */

export function condition(text: string): Detector {
  return {
    of: text,
    isNumeric: false,
    judge: (value) => (isTrue(value) ? { condition: `not: ${text}` } : undefined),
  }
}

export function values({ of, listed }: { readonly of: string; readonly listed: readonly Json[] }): Detector {
  const known = new Set(listed.map((one) => JSON.stringify(one)))
  return {
    of,
    isNumeric: false,
    judge: (value) => (known.has(JSON.stringify(value)) ? { none_of: listed } : undefined),
  }
}

interface Threshold {
  readonly of: string
  readonly min: number | undefined
  readonly max: number | undefined
}

export function threshold({ of, min, max }: Threshold): Detector {
  const [least, most] = [min ?? Number.NEGATIVE_INFINITY, max ?? Number.POSITIVE_INFINITY]
  return { of, isNumeric: true, judge: (value) => outside(value as number, least, most) }
}
