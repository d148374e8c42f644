import { canonical, compareValues } from './canonical.ts'

/** How often each value came. Exact: order, splits and merges do not change it. */
export class Frequencies {
  /** By the canonical text of the value. */
  readonly #counts = new Map<string, Frequency>()

  add(value: unknown, count = 1): void {
    const text = canonical(value)
    const known = this.#counts.get(text)
    if (known === undefined) this.#counts.set(text, { value, count })
    else known.count += count
  }

  merge(other: Frequencies): void {
    for (const { value, count } of other.#counts.values()) this.add(value, count)
  }

  /** How many different values there are. */
  get size(): number {
    return this.#counts.size
  }

  /** The `n` most frequent, the most frequent first; equal counts in the order of their values. */
  top(n: number): Frequency[] {
    const ordered = [...this.#counts.values()].sort((a, b) => b.count - a.count || compareValues(a.value, b.value))
    return ordered.slice(0, n).map(({ value, count }) => ({ value, count }))
  }

  /** What it is made of, for storing. */
  get kept(): readonly (readonly [value: unknown, count: number])[] {
    return [...this.#counts.values()].map(({ value, count }) => [value, count])
  }

  static from(kept: readonly (readonly [value: unknown, count: number])[]): Frequencies {
    const made = new Frequencies()
    for (const [value, count] of kept) made.add(value, count)
    return made
  }
}

export interface Frequency {
  readonly value: unknown
  count: number
}
