import type { Json } from '../../../../engine/plugin.ts'
import { grown } from '../../../shared/columns.ts'
import type { Running } from './running.ts'

/** How many values there were. */
export class Counts implements Running {
  readonly rowBytes = 8
  readonly grows = false
  #counts = new Float64Array(0)

  add(row: number): number {
    this.#counts[row] = this.of(row) + 1
    return 0
  }

  merge(into: number, from: number): number {
    this.#counts[into] = this.of(into) + this.of(from)
    return 0
  }

  clear(row: number): number {
    this.#counts[row] = 0
    return 0
  }

  of(row: number): number {
    return this.#counts[row] as number
  }

  encode(row: number): Json {
    return this.of(row)
  }

  decode(row: number, kept: Json): number {
    this.#counts[row] = kept as number
    return 0
  }

  resize(rows: number): void {
    this.#counts = grown(this.#counts, rows)
  }
}
