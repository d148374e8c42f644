import { productError, sumError } from '../../../../engine/plugin.ts'
import { grown } from '../../../shared/columns.ts'

/**
 * Exact sums, one to a row, each of at most `width` doubles that do not overlap, the smallest first and zeros behind. Of
 * numbers of ordinary sizes a few doubles hold any sum without error. Terms are finite, and so far from the largest double
 * that no sum overflows. Formula: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", grow-expansion and compress.
 */
export class ExactColumns {
  readonly #width: number
  #parts = new Float64Array(0)
  /** The sum under way and of how many doubles it is: one more than `width` where it does not fit. */
  readonly #sum: Float64Array
  #length = 0

  constructor(width: number) {
    this.#width = width
    this.#sum = new Float64Array(width + 1)
  }

  /** Begins a sum of nothing. */
  begin(): void {
    this.#length = 0
  }

  /** Begins a sum with that of the row, which stays as it is until `keep`. */
  take(row: number): void {
    const from = row * this.#width
    let length = 0
    for (; length < this.#width; length++) {
      const part = this.#parts[from + length] as number
      if (part === 0) break
      this.#sum[length] = part
    }
    this.#length = length
  }

  /** Without effect on a sum that does not fit any more. */
  plus(term: number): void {
    if (!this.fits) return
    this.#length = grow(this.#sum, this.#length, term)
    if (!this.fits) this.#length = compress(this.#sum, this.#length)
  }

  get fits(): boolean {
    return this.#length <= this.#width
  }

  /** The double next to the sum under way divided by `count`; undefined where that is not sure. */
  dividedBy(count: number): number | undefined {
    if (!this.fits) return undefined
    const length = compress(this.#sum, this.#length)
    return quotient(this.#sum[length - 1] ?? 0, this.#sum[length - 2] ?? 0, count)
  }

  /** The sum under way, which fits, is that of the row. */
  keep(row: number): void {
    const from = row * this.#width
    for (let at = 0; at < this.#width; at++) this.#parts[from + at] = at < this.#length ? (this.#sum[at] as number) : 0
  }

  partsOf(row: number): readonly number[] {
    const parts: number[] = []
    for (let at = row * this.#width; at < (row + 1) * this.#width && this.#parts[at] !== 0; at++) {
      parts.push(this.#parts[at] as number)
    }
    return parts
  }

  clear(row: number): void {
    this.#parts.fill(0, row * this.#width, (row + 1) * this.#width)
  }

  resize(rows: number): void {
    this.#parts = grown(this.#parts, rows * this.#width)
  }
}

/** Adds a term to so many doubles of `sum`; says of how many the sum is now, which may be one more. */
function grow(sum: Float64Array, length: number, term: number): number {
  let carry = term
  let kept = 0
  for (let at = 0; at < length; at++) {
    const part = sum[at] as number
    const next = carry + part
    const lost = sumError(carry, part, next)
    if (lost !== 0) sum[kept++] = lost
    carry = next
  }
  if (carry !== 0) sum[kept++] = carry
  return kept
}

/** The same sum in as few doubles as hold it; says in how many. */
function compress(sum: Float64Array, length: number): number {
  if (length === 0) return 0
  let carry = sum[length - 1] as number
  let bottom = length
  for (let at = length - 2; at >= 0; at--) {
    const part = sum[at] as number
    const next = carry + part
    const lost = sumError(carry, part, next)
    carry = next
    if (lost === 0) continue
    sum[--bottom] = next
    carry = lost
  }
  let top = 0
  for (let at = bottom; at < length; at++) {
    const part = sum[at] as number
    const next = part + carry
    const lost = sumError(part, carry, next)
    if (lost !== 0) sum[top++] = lost
    carry = next
  }
  if (carry !== 0) sum[top++] = carry
  return top
}

/**
 * The double next to `(near + rest) / count`; undefined where that is too close to the middle between two doubles, or too
 * small or large, to be sure. `near` and `rest` do not overlap, and `count` is whole.
 */
export function quotient(near: number, rest: number, count: number): number | undefined {
  const first = near / count
  const size = Math.abs(first)
  if (!(size > SMALLEST && size < LARGEST)) return near === 0 && rest === 0 ? 0 : undefined
  const result = first + quotientError(near, rest, count, first)
  const error = quotientError(near, rest, count, result)
  // What is less than half of the way to the next double, with a margin for the rounding of the error, adds nothing.
  return result + error * MARGIN === result ? result : undefined
}

const SMALLEST = 2 ** -900
const LARGEST = 2 ** 900
const MARGIN = 1.02

/** What `result` lacks, nearly. */
function quotientError(near: number, rest: number, count: number, result: number): number {
  const product = result * count
  return (near - product - productError(result, count, product) + rest) / count
}
