import { type Detector, type Expected, outside } from './detector.ts'
import { NumberRows } from './models.ts'

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
  const models = new NumberRows(3)
  return {
    of,
    isNumeric: true,
    judge(value, _time, row) {
      const { numbers } = models
      const count = numbers[3 * row] as number
      const squares = numbers[3 * row + 2] as number
      if (count < 2) return undefined
      return around(value as number, numbers[3 * row + 1] as number, Math.sqrt(squares / (count - 1)), limit)
    },
    learning: {
      models,
      learn(value, _time, row) {
        const { numbers } = models
        const count = (numbers[3 * row] as number) + 1
        const mean = numbers[3 * row + 1] as number
        const delta = value - mean
        const next = mean + delta / count
        numbers[3 * row] = count
        numbers[3 * row + 1] = next
        numbers[3 * row + 2] = (numbers[3 * row + 2] as number) + delta * (value - next)
      },
    },
  }
}

/**
 * Distance from the exponentially weighted mean in weighted standard deviations (T. Finch, "Incremental calculation of
 * weighted mean and variance", 2009, section 9). Model: count, mean, variance.
 */
export function ewma({ of, limit, alpha }: Limits & { readonly alpha: number }): Detector {
  const models = new NumberRows(3)
  return {
    of,
    isNumeric: true,
    judge(value, _time, row) {
      const { numbers } = models
      const count = numbers[3 * row] as number
      const variance = numbers[3 * row + 2] as number
      return count < 2 ? undefined : around(value as number, numbers[3 * row + 1] as number, Math.sqrt(variance), limit)
    },
    learning: {
      models,
      learn(value, _time, row) {
        const { numbers } = models
        const count = numbers[3 * row] as number
        const mean = count === 0 ? value : (numbers[3 * row + 1] as number)
        const variance = numbers[3 * row + 2] as number
        const delta = value - mean
        const step = alpha * delta
        numbers[3 * row] = count + 1
        numbers[3 * row + 1] = mean + step
        numbers[3 * row + 2] = (1 - alpha) * (variance + delta * step)
      },
    },
  }
}

/** The change since the value before, scaled to `per`; of two at the same moment it is that of one millisecond. Model: time, value. */
export function rateOfChange({ of, limit, per }: Limits & { readonly per: number }): Detector {
  const models = new NumberRows(2)
  return {
    of,
    isNumeric: true,
    judge(value, time, row) {
      const before = models.numbers[2 * row] as number
      const last = models.numbers[2 * row + 1] as number
      const room = (limit * Math.max(1, Math.abs(time - before))) / per
      return outside(value as number, last - room, last + room)
    },
    learning: {
      models,
      learn(value, time, row) {
        models.numbers[2 * row] = time
        models.numbers[2 * row + 1] = value
      },
    },
  }
}

function around(value: number, centre: number, deviation: number, limit: number): Expected | undefined {
  return outside(value, centre - limit * deviation, centre + limit * deviation)
}
