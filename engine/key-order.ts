/**
 * The keys of a record, in their order, as they stand in its bytes. Those of the next record are mostly the same: one
 * comparison then finds a key, its column and its value.
 */
export class KeyOrder {
  /** Where each key begins, at its quote; and from there to its value, 0 for none that may be foreseen. */
  readonly #starts = new Int32Array(MOST_KEYS)
  readonly #lengths = new Int32Array(MOST_KEYS)
  readonly #columns = new Int32Array(MOST_KEYS)
  #next = 0

  /** The keys of another record follow, of the same bytes. */
  begin(): void {
    this.#next = 0
  }

  /** Where the value begins whose key, at `start`, is the one that stood here before; 0 for another one. */
  foresee(data: Uint8Array, start: number, end: number): number {
    const place = this.#next
    const length = place < MOST_KEYS ? (this.#lengths[place] as number) : 0
    if (length === 0 || start + length >= end) return 0
    const before = this.#starts[place] as number
    for (let at = 0; at < length; at++) if (data[before + at] !== data[start + at]) return 0
    // There may be more white space than there was.
    if ((data[start + length] as number) <= SPACE) return 0
    this.#next = place + 1
    return start + length
  }

  /** Of the key that was foreseen. */
  get column(): number {
    return this.#columns[this.#next - 1] as number
  }

  /** Another key stands here. */
  put(start: number, value: number, column: number): void {
    const place = this.#next++
    if (place >= MOST_KEYS) return
    this.#starts[place] = start
    this.#lengths[place] = value - start
    this.#columns[place] = column
  }

  /** A key stands here that must be looked at each time. */
  putNone(): void {
    this.put(0, 0, NO_COLUMN)
  }
}

/** The column of a key that nobody looks for. */
export const NO_COLUMN = -1

const SPACE = 0x20
/** Keys beyond these are looked at as if there were no order. */
const MOST_KEYS = 32
