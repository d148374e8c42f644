import { productError } from './error-free.ts'
import { ExactSum, nearestDouble, unitsOf } from './exact-sum.ts'

/** Count, sum and sum of squares of numbers, exact: the variance is rounded once, and order and merges do not change it. */
export class Moments {
  readonly #sum = new ExactSum()
  readonly #squares = new ExactSum()
  /** Squares of numbers whose own squares are beyond the doubles, in units of 2^-2148. */
  #extreme = 0n
  #count = 0

  get count(): number {
    return this.#count
  }

  add(number: number): void {
    this.#count += 1
    this.#sum.add(number)
    const size = Math.abs(number)
    if (number !== 0 && !(size > SMALL && size < LARGE)) this.#extreme += unitsOf(number) ** 2n
    else addSquare(this.#squares, number)
  }

  merge(other: Moments): void {
    this.#count += other.#count
    this.#sum.merge(other.#sum.parts)
    this.#squares.merge(other.#squares.parts)
    this.#extreme += other.#extreme
  }

  /** What it is made of, for storing: the count, the parts of the two sums, and the squares that no double holds. */
  get kept(): KeptMoments {
    const [sum, squares] = [this.#sum.parts, this.#squares.parts]
    const parts = [sum.ordinary, sum.huge, squares.ordinary, squares.huge].map((part) => [...part])
    return [this.#count, parts, String(this.#extreme)]
  }

  static from([count, [ordinary, huge, squares, hugeSquares], extreme]: KeptMoments): Moments {
    const made = new Moments()
    made.#count = count
    made.#sum.merge({ ordinary: ordinary ?? [], huge: huge ?? [] })
    made.#squares.merge({ ordinary: squares ?? [], huge: hugeSquares ?? [] })
    made.#extreme = BigInt(extreme)
    return made
  }

  /** Of a sample, divided by count - 1; undefined for fewer than two numbers. */
  variance(): number | undefined {
    const count = BigInt(this.#count)
    if (count < 2n) return undefined
    const squares = (this.#squares.units << 1074n) + this.#extreme
    const deviations = count * squares - this.#sum.units ** 2n
    return nearestDouble(deviations, (count * (count - 1n)) << 2148n)
  }
}

type KeptMoments = readonly [count: number, parts: readonly (readonly number[])[], extreme: string]

/** Between them a square and its error are doubles that keep every digit. */
const SMALL = 2 ** -400
const LARGE = 2 ** 480

/** The square as the sum of two doubles, without error. */
function addSquare(sum: ExactSum, number: number): void {
  const square = number * number
  sum.add(square)
  sum.add(productError(number, number, square))
}
