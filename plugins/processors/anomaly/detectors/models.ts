import { grown } from '../../../shared/columns.ts'

/**
 * What a detector has learned of each key: a few numbers in a row of its own. A key without a row has nothing yet.
 */
export interface Models {
  /** There are so many rows from now on, the new ones as new. */
  resize(rows: number): void
  /** Makes the row as new. */
  clear(row: number): void
  encode(row: number): readonly number[]
  /** Into a row that is as new. */
  decode(row: number, kept: readonly number[]): void
}

/** The same count of numbers for all: one behind the other in one array, not an object for each key. */
export class NumberRows implements Models {
  readonly width: number
  /** Row i begins at `i * width`; a new one is zeros. */
  numbers = new Float64Array(0)

  constructor(width: number) {
    this.width = width
  }

  resize(rows: number): void {
    this.numbers = grown(this.numbers, rows * this.width)
  }

  clear(row: number): void {
    this.numbers.fill(0, row * this.width, (row + 1) * this.width)
  }

  encode(row: number): readonly number[] {
    const numbers: number[] = []
    for (let at = row * this.width; at < (row + 1) * this.width; at++) numbers.push(this.numbers[at] as number)
    return numbers
  }

  decode(row: number, kept: readonly number[]): void {
    this.numbers.set(kept, row * this.width)
  }
}

/** The last values, at most `last` of them: the place of the oldest, then the values in a ring. */
export class Rings implements Models {
  readonly #last: number
  readonly #rings: number[][] = []

  constructor(last: number) {
    this.#last = last
  }

  valuesOf(row: number): number[] {
    return (this.#rings[row] as number[]).slice(1)
  }

  add(row: number, value: number): void {
    const ring = this.#rings[row] as number[]
    if (ring.length === 0) ring.push(0)
    if (ring.length <= this.#last) {
      ring.push(value)
      return
    }
    const oldest = ring[0] as number
    ring[1 + oldest] = value
    ring[0] = (oldest + 1) % this.#last
  }

  resize(rows: number): void {
    while (this.#rings.length < rows) this.#rings.push([])
  }

  clear(row: number): void {
    this.#rings[row] = []
  }

  encode(row: number): readonly number[] {
    return this.#rings[row] as number[]
  }

  decode(row: number, kept: readonly number[]): void {
    this.#rings[row] = [...kept]
  }
}
