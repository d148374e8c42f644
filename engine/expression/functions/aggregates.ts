import { canonical } from './canonical.ts'
import { FunctionError } from './errors.ts'
import { Frequencies } from './frequencies.ts'
import { HyperLogLog } from './hyper-log-log.ts'
import type { StreamrunFunction } from './index.ts'
import { Moments } from './moments.ts'
import { Quantiles } from './quantiles.ts'

export const aggregateFunctions: Readonly<Record<string, StreamrunFunction>> = {
  top: {
    signature: '<an:a<o>>',
    parameters: 'array, n',
    about:
      'The `n` most frequent values of `array`, each as `{value, count}`, the most frequent first. Equal counts are ordered by value: null, booleans, numbers, texts, lists, objects. Always a list.',
    examples: [
      {
        expression: '$top(items.sku, 2)',
        input: { items: [{ sku: 'b' }, { sku: 'a' }, { sku: 'c' }, { sku: 'c' }] },
        result: [
          { value: 'c', count: 2 },
          { value: 'a', count: 1 },
        ],
      },
      { expression: '$top([1, "1", 1], 1).value', result: 1 },
    ],
    implement: () => top,
  },
  median: {
    signature: '<a<n>:n>',
    parameters: 'array',
    about: 'The middle one of the numbers, or half the sum of the two in the middle. Exact.',
    examples: [
      { expression: '$median([9, 1, 2])', result: 2 },
      { expression: '$median([4, 1, 2, 3])', result: 2.5 },
    ],
    implement: () => median,
  },
  percentile: {
    signature: '<a<n>n:n>',
    parameters: 'array, p',
    about:
      'The nearest rank: the smallest of the numbers that at least `p` percent of them do not exceed; `p` is from 0 to 100. Exact up to 1,000 numbers; of more, at most 0.4 % off, the least and the greatest exact.',
    examples: [
      { expression: '$percentile([15, 20, 35, 40, 50], 40)', result: 20 },
      { expression: '$percentile(ms, 99)', input: { ms: [12, 8, 340, 9] }, result: 340 },
      { expression: '$percentile([1..10000], 50)', result: 5008 },
    ],
    implement: () => percentile,
    check: ([, p]) =>
      typeof p !== 'number' || isPercentage(p) ? undefined : argument(1, 'a percentage is from 0 to 100'),
  },
  variance: {
    signature: '<a<n>:n>',
    parameters: 'array',
    about:
      'The variance of a sample, divided by n - 1, as `VAR_SAMP` in SQL. Rounded once, at the end: the order of the numbers does not change it. Nothing for fewer than two numbers.',
    examples: [
      { expression: '$variance([2, 4, 4, 4, 5, 5, 7, 9])', result: 4.571428571428571 },
      { expression: '$variance([1e9, 1e9 + 1, 1e9 + 2])', result: 1 },
      { expression: '$variance(7)', result: undefined },
    ],
    implement: () => variance,
  },
  stddev: {
    signature: '<a<n>:n>',
    parameters: 'array',
    about: 'The standard deviation of a sample: the square root of `$variance`.',
    examples: [
      { expression: '$stddev([1, 3, 5])', result: 2 },
      { expression: '$stddev([1])', result: undefined },
    ],
    implement: () => (numbers: readonly number[] | undefined) => {
      const squared = variance(numbers)
      return squared === undefined ? undefined : Math.sqrt(squared)
    },
  },
  approx_distinct: {
    signature: '<a:n>',
    parameters: 'array',
    about:
      'About `$count($distinct(array))`, in a memory that does not grow: exact up to 1,024 different values, beyond that with a standard error of 1.6 % (HyperLogLog). The same values always give the same number.',
    examples: [
      { expression: '$approx_distinct(["a", "b", "a", 1, "1"])', result: 4 },
      { expression: '$approx_distinct(nothing)', result: 0 },
    ],
    implement: () => approximateDistinct,
  },
}

function argument(index: number, message: string) {
  return { argument: index, message }
}

function top(values: readonly unknown[] | undefined, n: number | undefined) {
  if (values === undefined || n === undefined) return undefined
  if (!Number.isSafeInteger(n) || n < 0) throw new FunctionError('D4002')
  const frequencies = new Frequencies()
  for (const value of values) frequencies.add(value)
  return frequencies.top(n)
}

/** Not rounded but for the half of the sum of the two in the middle. */
export function median(numbers: readonly number[] | undefined): number | undefined {
  if (numbers === undefined || numbers.length === 0) return undefined
  const sorted = numbers.toSorted((a, b) => a - b)
  const upper = sorted[sorted.length >> 1] as number
  if (sorted.length % 2 === 1) return upper
  const lower = sorted[(sorted.length >> 1) - 1] as number
  const sum = lower + upper
  return Number.isFinite(sum) ? sum / 2 : lower / 2 + upper / 2
}

function percentile(numbers: readonly number[] | undefined, p: number | undefined): number | undefined {
  if (numbers === undefined || p === undefined) return undefined
  if (!isPercentage(p)) throw new FunctionError('D4001')
  const quantiles = new Quantiles()
  for (const number of numbers) quantiles.add(number)
  return quantiles.at(p)
}

function isPercentage(p: number): boolean {
  return p >= 0 && p <= 100
}

function variance(numbers: readonly number[] | undefined): number | undefined {
  const moments = new Moments()
  for (const number of numbers ?? []) moments.add(number)
  return moments.variance()
}

function approximateDistinct(values: readonly unknown[] | undefined): number {
  const sketch = new HyperLogLog()
  for (const value of values ?? []) sketch.add(canonical(value))
  return sketch.count()
}
