import { ExactSum, type Json, sumError } from '../../../../engine/plugin.ts'
import { grown } from '../../../shared/columns.ts'
import { quotient } from './exact.ts'
import { refusesNonNumbers } from './numbers.ts'
import type { Running } from './running.ts'

/**
 * Exact sums. A sum is kept as two doubles, the nearest one and what it lacks, as long as the two hold it without error:
 * for prices and the like, always. Formula: error-free transformation of Knuth and Dekker (T. J. Dekker, "A floating-point
 * technique for extending the available precision", 1971). One that two doubles cannot hold goes on as an `ExactSum`.
 */
export class Sums implements Running {
  readonly rowBytes = 24
  readonly grows = false
  readonly refuses = refusesNonNumbers
  #near = new Float64Array(0)
  #rest = new Float64Array(0)
  #counts = new Float64Array(0)
  readonly #wide = new Map<number, ExactSum>()

  add(row: number, value: Json): number {
    this.#counts[row] = (this.#counts[row] as number) + 1
    return this.#plus(row, value as number)
  }

  merge(into: number, from: number): number {
    this.#counts[into] = (this.#counts[into] as number) + (this.#counts[from] as number)
    const wide = this.#wide.get(from)
    if (wide !== undefined) {
      const grew = this.#widen(into)
      this.#wide.get(into)?.merge(wide.parts)
      return grew
    }
    return this.#plus(into, this.#near[from] as number) + this.#plus(into, this.#rest[from] as number)
  }

  clear(row: number): number {
    this.#near[row] = 0
    this.#rest[row] = 0
    this.#counts[row] = 0
    return this.#wide.delete(row) ? WIDE_BYTES : 0
  }

  /** The double that is next to the sum; Infinity beyond all of them; undefined without values. */
  sum(row: number): number | undefined {
    if (this.#counts[row] === 0) return undefined
    return this.#wide.get(row)?.dividedBy(1) ?? (this.#near[row] as number) + 0
  }

  /** The double that is next to the sum divided by how many values there were. */
  average(row: number): number | undefined {
    const count = this.#counts[row] as number
    if (count === 0) return undefined
    const wide = this.#wide.get(row)
    if (wide !== undefined) return wide.dividedBy(count)
    const near = this.#near[row] as number
    const rest = this.#rest[row] as number
    return quotient(near, rest, count) ?? exactly(near, rest).dividedBy(count)
  }

  /** `[count, nearest, rest]`, or the two lists of an `ExactSum` behind the count. */
  encode(row: number): Json {
    const wide = this.#wide.get(row)
    const count = this.#counts[row] as number
    if (wide !== undefined) return [count, [...wide.parts.ordinary], [...wide.parts.huge]]
    return [count, this.#near[row] as number, this.#rest[row] as number]
  }

  decode(row: number, kept: Json): number {
    const [count, first, second] = kept as readonly [number, number | readonly number[], number | readonly number[]]
    this.#counts[row] = count
    if (typeof first === 'number' || typeof second === 'number') {
      this.#near[row] = first as number
      this.#rest[row] = second as number
      return 0
    }
    const wide = new ExactSum()
    wide.merge({ ordinary: first, huge: second })
    this.#wide.set(row, wide)
    return WIDE_BYTES
  }

  resize(rows: number): void {
    this.#near = grown(this.#near, rows)
    this.#rest = grown(this.#rest, rows)
    this.#counts = grown(this.#counts, rows)
  }

  #plus(row: number, term: number): number {
    if (this.#wide.size > 0 && this.#wide.has(row)) return this.#plusWide(row, term)
    const near = this.#near[row] as number
    const rest = this.#rest[row] as number
    const sum = near + term
    const lost = sumError(near, term, sum)
    const small = rest + lost
    if (sumError(rest, lost, small) !== 0 || !Number.isFinite(sum)) {
      return this.#widen(row) + this.#plusWide(row, term)
    }
    const nearest = sum + small
    this.#near[row] = nearest
    this.#rest[row] = sumError(sum, small, nearest)
    return 0
  }

  #plusWide(row: number, term: number): number {
    this.#wide.get(row)?.add(term)
    return 0
  }

  #widen(row: number): number {
    if (this.#wide.has(row)) return 0
    this.#wide.set(row, exactly(this.#near[row] as number, this.#rest[row] as number))
    return WIDE_BYTES
  }
}

/** An `ExactSum` with a handful of parts, and its place in the map. */
const WIDE_BYTES = 400

function exactly(near: number, rest: number): ExactSum {
  const sum = new ExactSum()
  sum.add(near)
  sum.add(rest)
  return sum
}
