/** Rows, or keys, by a moment each, the earliest first, and of these the lowest: a binary heap in two lists. */
export class TimeHeap<Row extends number | string = number> {
  readonly #moments: number[] = []
  readonly #rows: Row[] = []

  /** The earliest moment; Infinity when nothing is in it. */
  get earliest(): number {
    return this.#moments[0] ?? Number.POSITIVE_INFINITY
  }

  push(moment: number, row: Row): void {
    let at = this.#moments.length
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!this.#isBehind(above, moment, row)) break
      this.#move(above, at)
      at = above
    }
    this.#put(at, moment, row)
  }

  /** Takes out the first row; there is one. */
  pop(): Row {
    const first = this.#rows[0] as Row
    const moment = this.#moments.pop() as number
    const row = this.#rows.pop() as Row
    const size = this.#moments.length
    if (size === 0) return first
    let at = 0
    for (let below = 1; below < size; below = 2 * at + 1) {
      const right = below + 1
      const isRight = right < size && this.#isBehind(below, this.#moments[right] as number, this.#rows[right] as Row)
      const least = isRight ? right : below
      if (this.#isBehind(least, moment, row)) break
      this.#move(least, at)
      at = least
    }
    this.#put(at, moment, row)
    return first
  }

  /** What is at `place` comes after that row. */
  #isBehind(place: number, moment: number, row: Row): boolean {
    const other = this.#moments[place] as number
    return other > moment || (other === moment && (this.#rows[place] as Row) > row)
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#moments[from] as number, this.#rows[from] as Row)
  }

  #put(at: number, moment: number, row: Row): void {
    this.#moments[at] = moment
    this.#rows[at] = row
  }
}
