import { type Detector, outside } from './detector.ts'
import { Rings } from './models.ts'

/** Detectors that compare with the last values of a key. */

interface Recent {
  readonly of: string
  readonly last: number
  readonly limit: number
}

/**
 * Distance from the median in median absolute deviations, each scaled by 1.4826, so that it is a standard deviation
 * where values are normally distributed (Hampel, 1974; Leys et al., 2013).
 */
export function mad({ of, last, limit }: Recent): Detector {
  const models = new Rings(last)
  return {
    of,
    isNumeric: true,
    judge(value, _time, row) {
      const sorted = models.valuesOf(row).sort(ascending)
      if (sorted.length < 2) return undefined
      const median = quantile(sorted, 0.5)
      const deviations = sorted.map((one) => Math.abs(one - median)).sort(ascending)
      const room = limit * 1.4826 * quantile(deviations, 0.5)
      return outside(value as number, median - room, median + room)
    },
    learning: { models, learn: (value, _time, row) => models.add(row, value) },
  }
}

/** Tukey's fences: `limit` inter-quartile ranges beyond the quartiles (Exploratory Data Analysis, 1977). */
export function iqr({ of, last, limit }: Recent): Detector {
  const models = new Rings(last)
  return {
    of,
    isNumeric: true,
    judge(value, _time, row) {
      const sorted = models.valuesOf(row).sort(ascending)
      if (sorted.length < 4) return undefined
      const [first, third] = [quantile(sorted, 0.25), quantile(sorted, 0.75)]
      const room = limit * (third - first)
      return outside(value as number, first - room, third + room)
    },
    learning: { models, learn: (value, _time, row) => models.add(row, value) },
  }
}

/** By linear interpolation between the two nearest (type 7 of Hyndman and Fan, 1996). */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below] as number
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number
  return low + (high - low) * (place - below)
}

function ascending(a: number, b: number): number {
  return a - b
}
