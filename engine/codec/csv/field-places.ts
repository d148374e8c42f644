import type { Dialect } from './dialect.ts'

/** Finds the fields of rows in bytes, without making anything of them. What it found stands here until the next row. */
export class FieldPlaces {
  /** Field i is `data[starts[i] .. ends[i]]`, the quotes around it excluded. */
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** 1 where quotes in the field are doubled. */
  readonly doubled: Uint8Array
  readonly #most: number
  readonly #delimiter: number
  readonly #quote: number

  /** `most`: fields whose places are kept; those behind them are only counted. */
  constructor({ delimiter, quote }: Dialect, most: number) {
    this.starts = new Uint32Array(most)
    this.ends = new Uint32Array(most)
    this.doubled = new Uint8Array(most)
    this.#most = most
    this.#delimiter = delimiter.charCodeAt(0)
    this.#quote = quote.charCodeAt(0)
  }

  /** How many fields the row `data[start .. end]` has, which the scanner has found to be whole. */
  find(data: Uint8Array, start: number, end: number): number {
    const delimiter = this.#delimiter
    const quote = this.#quote
    let count = 0
    for (let at = start; ; at++) {
      let from = at
      let to: number
      let doubled = 0
      if (at < end && data[at] === quote) {
        from = ++at
        for (; data[at] !== quote || data[at + 1] === quote; at++) {
          if (data[at] !== quote) continue
          doubled = 1
          at++
        }
        to = at++
      } else {
        while (at < end && data[at] !== delimiter) at++
        to = at
      }
      if (count < this.#most) {
        this.starts[count] = from
        this.ends[count] = to
        this.doubled[count] = doubled
      }
      count++
      if (at >= end) return count
    }
  }
}
