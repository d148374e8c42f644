/** How fast counts move, over the last few seconds: as long as the eye takes to see that something has changed. */
export class Meter {
  readonly #samples: Sample[] = []
  #current: Sample

  /** Every count was 0 at `start`. */
  constructor(start: number) {
    this.#current = { at: start, counts: new Map() }
  }

  get now(): number {
    return this.#current.at
  }

  /** What is counted from now on is of this moment. */
  begin(now: number): void {
    this.#samples.push(this.#current)
    this.#current = { at: now, counts: new Map() }
    while ((this.#samples[1]?.at ?? now) <= now - WINDOW_MS) this.#samples.shift()
  }

  /** Takes note of a count, and says by how much it moves in a second. */
  rate(key: string, count: number): number {
    this.#current.counts.set(key, count)
    const oldest = this.#samples[0] ?? this.#current
    const elapsed = this.#current.at - oldest.at
    return elapsed > 0 ? ((count - (oldest.counts.get(key) ?? 0)) / elapsed) * 1000 : 0
  }
}

interface Sample {
  readonly at: number
  readonly counts: Map<string, number>
}

const WINDOW_MS = 2000
