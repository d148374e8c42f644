import { type Detector, type Expected, type Model, outside } from './detector.ts'

/** Detectors whose model is a few numbers, whatever the count of values. */

interface Limits {
  readonly of: string
  readonly limit: number
}

/**
 * Distance from the mean of all values so far in sample standard deviations; the two are kept by Welford's method
 * ("Note on a method for calculating corrected sums of squares and products", Technometrics 4, 1962).
 * Model: count, mean, sum of squared deviations.
 */
export function zScore({ of, limit }: Limits): Detector {
  return {
    of,
    isNumeric: true,
    judge(value, _time, model) {
      const count = model[0] ?? 0
      const mean = model[1] ?? 0
      const squares = model[2] ?? 0
      return count < 2 ? undefined : around(value as number, mean, Math.sqrt(squares / (count - 1)), limit)
    },
    learn(value, _time, model) {
      const count = model[0] ?? 0
      const mean = model[1] ?? 0
      const squares = model[2] ?? 0
      const delta = value - mean
      const next = mean + delta / (count + 1)
      set(model, count + 1, next, squares + delta * (value - next))
    },
  }
}

/**
 * Distance from the exponentially weighted mean in weighted standard deviations (T. Finch, "Incremental calculation of
 * weighted mean and variance", 2009, section 9). Model: count, mean, variance.
 */
export function ewma({ of, limit, alpha }: Limits & { readonly alpha: number }): Detector {
  return {
    of,
    isNumeric: true,
    judge(value, _time, model) {
      const [count = 0, mean = 0, variance = 0] = model
      return count < 2 ? undefined : around(value as number, mean, Math.sqrt(variance), limit)
    },
    learn(value, _time, model) {
      const [count = 0, mean = 0, variance = 0] = model
      if (count === 0) return set(model, 1, value, 0)
      const delta = value - mean
      const step = alpha * delta
      return set(model, count + 1, mean + step, (1 - alpha) * (variance + delta * step))
    },
  }
}

/** The change since the value before, scaled to `per`; of two at the same moment it is that of one millisecond. Model: time, value. */
export function rateOfChange({ of, limit, per }: Limits & { readonly per: number }): Detector {
  return {
    of,
    isNumeric: true,
    judge(value, time, model) {
      const [before, last] = model
      if (before === undefined || last === undefined) return undefined
      const room = (limit * Math.max(1, Math.abs(time - before))) / per
      return outside(value as number, last - room, last + room)
    },
    learn: (value, time, model) => set(model, time, value),
  }
}

function around(value: number, centre: number, deviation: number, limit: number): Expected | undefined {
  return outside(value, centre - limit * deviation, centre + limit * deviation)
}

function set(model: Model, first: number, second: number, third?: number): void {
  model[0] = first
  model[1] = second
  if (third !== undefined) model[2] = third
}
