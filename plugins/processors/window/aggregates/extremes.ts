import type { Json } from '../../../../engine/plugin.ts'
import { grown } from '../../../shared/columns.ts'
import { refusesNonNumbers } from './numbers.ts'
import type { Running } from './running.ts'

/** The smallest or the largest number; NaN stands for none yet. */
export class Extremes implements Running {
  readonly rowBytes = 8
  readonly grows = false
  readonly refuses = refusesNonNumbers
  readonly #isBetter: (one: number, than: number) => boolean
  #best = new Float64Array(0)

  constructor(which: 'min' | 'max') {
    this.#isBetter = which === 'min' ? (one, than) => one < than : (one, than) => one > than
  }

  add(row: number, value: Json): number {
    this.#offer(row, value as number)
    return 0
  }

  merge(into: number, from: number): number {
    const best = this.of(from)
    if (best !== undefined) this.#offer(into, best)
    return 0
  }

  clear(row: number): number {
    this.#best[row] = Number.NaN
    return 0
  }

  of(row: number): number | undefined {
    const best = this.#best[row] as number
    return Number.isNaN(best) ? undefined : best
  }

  encode(row: number): Json {
    return this.of(row) ?? null
  }

  decode(row: number, kept: Json): number {
    this.#best[row] = (kept as number | null) ?? Number.NaN
    return 0
  }

  resize(rows: number): void {
    const before = this.#best.length
    this.#best = grown(this.#best, rows)
    this.#best.fill(Number.NaN, before)
  }

  #offer(row: number, number: number): void {
    const best = this.#best[row] as number
    // -0 and 0 are one number in JSON; adding 0 makes them one here too.
    if (Number.isNaN(best) || this.#isBetter(number, best)) this.#best[row] = number + 0
  }
}
