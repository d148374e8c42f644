import { type Json, Moments, productError } from '../../../../engine/plugin.ts'
import { grown } from '../../../shared/columns.ts'
import { ExactColumns } from './exact.ts'
import { refusesNonNumbers } from './numbers.ts'
import type { Running } from './running.ts'

/**
 * For `$variance` and `$stddev`: count, sum and sum of squares, all exact. Two doubles hold the sum and four the squares as
 * long as the numbers are not too far apart in size; a row whose numbers are goes on as `Moments`, which give the same.
 */
export class Spreads implements Running {
  readonly rowBytes = 8 * (1 + SUM_PARTS + SQUARE_PARTS)
  readonly grows = false
  readonly refuses = refusesNonNumbers
  #counts = new Float64Array(0)
  readonly #sums = new ExactColumns(SUM_PARTS)
  readonly #squares = new ExactColumns(SQUARE_PARTS)
  /** Where the sum of the squared deviations is made. */
  readonly #deviations = new ExactColumns(DEVIATION_PARTS)
  readonly #wide = new Map<number, Moments>()

  add(row: number, value: Json): number {
    const number = value as number
    const size = Math.abs(number)
    if (this.#isNarrow(row) && (number === 0 || (size > SMALL && size < LARGE))) {
      const square = number * number
      this.#take(row)
      this.#sums.plus(number)
      this.#squares.plus(square)
      this.#squares.plus(productError(number, number, square))
      if (this.#keep(row, 1)) return 0
    }
    return this.#widen(row, (moments) => moments.add(number))
  }

  merge(into: number, from: number): number {
    const other = this.#wide.get(from)
    if (other === undefined) {
      const [sums, squares] = [this.#sums.partsOf(from), this.#squares.partsOf(from)]
      if (this.#plus(into, this.#counts[from] as number, sums, squares)) return 0
    }
    return this.#widen(into, (moments) => moments.merge(other ?? this.#momentsOf(from)))
  }

  clear(row: number): number {
    this.#counts[row] = 0
    this.#sums.clear(row)
    this.#squares.clear(row)
    return this.#wide.delete(row) ? WIDE_BYTES : 0
  }

  /** Of a sample, divided by count - 1, rounded once; undefined for fewer than two numbers. */
  variance(row: number): number | undefined {
    const count = this.#counts[row] as number
    const isSmall = this.#isNarrow(row) && count > 1 && count < MOST
    return (isSmall ? this.#quotient(row, count) : undefined) ?? this.#momentsOf(row).variance()
  }

  /** As `Moments` keep themselves; null without numbers. */
  encode(row: number): Json {
    const kept = this.#wide.get(row)?.kept ?? this.#narrow(row)
    return kept[0] === 0 ? null : (kept as Json)
  }

  decode(row: number, kept: Json): number {
    if (kept === null) return 0
    const known = kept as unknown as Moments['kept']
    const [count, [sums = [], hugeSums = [], squares = [], hugeSquares = []], extreme] = known
    const isOrdinary = hugeSums.length === 0 && hugeSquares.length === 0 && extreme === '0'
    if (isOrdinary && this.#plus(row, count, sums, squares)) return 0
    return this.#widen(row, (moments) => moments.merge(Moments.from(known)))
  }

  resize(rows: number): void {
    this.#counts = grown(this.#counts, rows)
    this.#sums.resize(rows)
    this.#squares.resize(rows)
  }

  /** The squares times `count`, less the square of the sum, divided by `count * (count - 1)`; undefined where it is not sure. */
  #quotient(row: number, count: number): number | undefined {
    this.#deviations.begin()
    for (const part of this.#squares.partsOf(row)) this.#plusProduct(part, count)
    const [small = 0, large = 0] = this.#sums.partsOf(row)
    this.#plusProduct(-small, small)
    this.#plusProduct(-2 * small, large)
    this.#plusProduct(-large, large)
    return this.#deviations.dividedBy(count * (count - 1))
  }

  #plusProduct(a: number, b: number): void {
    const product = a * b
    this.#deviations.plus(productError(a, b, product))
    this.#deviations.plus(product)
  }

  #isNarrow(row: number): boolean {
    return this.#wide.size === 0 || !this.#wide.has(row)
  }

  /** False where it does not fit, or the row is wide: nothing has changed then. */
  #plus(row: number, count: number, sums: readonly number[], squares: readonly number[]): boolean {
    if (!this.#isNarrow(row)) return false
    this.#take(row)
    for (const part of sums) this.#sums.plus(part)
    for (const part of squares) this.#squares.plus(part)
    return this.#keep(row, count)
  }

  #take(row: number): void {
    this.#sums.take(row)
    this.#squares.take(row)
  }

  #keep(row: number, count: number): boolean {
    if (!this.#sums.fits || !this.#squares.fits) return false
    this.#sums.keep(row)
    this.#squares.keep(row)
    this.#counts[row] = (this.#counts[row] as number) + count
    return true
  }

  #momentsOf(row: number): Moments {
    return this.#wide.get(row) ?? Moments.from(this.#narrow(row))
  }

  #narrow(row: number): Moments['kept'] {
    return [this.#counts[row] as number, [this.#sums.partsOf(row), [], this.#squares.partsOf(row), []], '0']
  }

  #widen(row: number, change: (moments: Moments) => void): number {
    const isNarrow = this.#isNarrow(row)
    const moments = this.#momentsOf(row)
    change(moments)
    this.#wide.set(row, moments)
    return isNarrow ? WIDE_BYTES : 0
  }
}

const SUM_PARTS = 2
const SQUARE_PARTS = 4
/** More than the product of the squares and the count has. */
const DEVIATION_PARTS = 14
/** Up to this count its square is a whole double. */
const MOST = 2 ** 26

/** Between them the square of a number and its error are doubles that keep every digit, and no sum of squares overflows. */
const SMALL = 2 ** -400
const LARGE = 2 ** 480

/** `Moments` with a handful of parts, and their place in the map. */
const WIDE_BYTES = 800
