/** Rows by a moment each, the earliest first: a binary heap in two lists. */
export class TimeHeap {
  readonly #moments: number[] = []
  readonly #rows: number[] = []

  /** The earliest moment; Infinity when nothing is in it. */
  get earliest(): number {
    return this.#moments[0] ?? Number.POSITIVE_INFINITY
  }

  push(moment: number, row: number): void {
    let at = this.#moments.length
    while (at > 0) {
      const above = (at - 1) >> 1
      if ((this.#moments[above] as number) <= moment) break
      this.#move(above, at)
      at = above
    }
    this.#put(at, moment, row)
  }

  /** Takes out a row of the earliest moment; there is one. */
  pop(): number {
    const first = this.#rows[0] as number
    const moment = this.#moments.pop() as number
    const row = this.#rows.pop() as number
    const size = this.#moments.length
    if (size === 0) return first
    let at = 0
    for (let below = 1; below < size; below = 2 * at + 1) {
      const right = below + 1
      const least = right < size && (this.#moments[right] as number) < (this.#moments[below] as number) ? right : below
      if ((this.#moments[least] as number) >= moment) break
      this.#move(least, at)
      at = least
    }
    this.#put(at, moment, row)
    return first
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#moments[from] as number, this.#rows[from] as number)
  }

  #put(at: number, moment: number, row: number): void {
    this.#moments[at] = moment
    this.#rows[at] = row
  }
}
