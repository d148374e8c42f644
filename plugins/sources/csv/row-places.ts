import { grown } from '../../shared/columns.ts'

/** The places of the good rows in the bytes of a batch, in columns that grow as rows are added. */
export class RowPlaces {
  count = 0
  starts = new Uint32Array(FIRST_ROOM)
  ends = new Uint32Array(FIRST_ROOM)
  /** From the line of the batch on. */
  lines = new Uint32Array(FIRST_ROOM)
  /** Among all rows of the batch, broken ones too. */
  numbers = new Uint32Array(FIRST_ROOM)
  /** `width` entries for each row, which say what is known of its fields: see `FieldNotes`. */
  notes: Uint16Array
  readonly width: number

  constructor(width: number) {
    this.width = width
    this.notes = new Uint16Array(FIRST_ROOM * width)
  }

  /** Where notes of the next row stand, before it is added too. */
  get next(): number {
    if (this.count === this.starts.length) this.#grow()
    return this.count * this.width
  }

  add(start: number, end: number, line: number, number: number): void {
    if (this.count === this.starts.length) this.#grow()
    this.starts[this.count] = start
    this.ends[this.count] = end
    this.lines[this.count] = line
    this.numbers[this.count++] = number
  }

  clear(): void {
    this.count = 0
  }

  /** The same in memory of its own, no more of it than it takes. */
  copy(): RowPlaces {
    const { count, width } = this
    const copied = new RowPlaces(width)
    copied.count = count
    copied.starts = this.starts.slice(0, count)
    copied.ends = this.ends.slice(0, count)
    copied.lines = this.lines.slice(0, count)
    copied.numbers = this.numbers.slice(0, count)
    copied.notes = this.notes.slice(0, count * width)
    return copied
  }

  #grow(): void {
    const rows = 2 * this.starts.length
    this.starts = grown(this.starts, rows)
    this.ends = grown(this.ends, rows)
    this.lines = grown(this.lines, rows)
    this.numbers = grown(this.numbers, rows)
    this.notes = grown(this.notes, rows * this.width)
  }
}

const FIRST_ROOM = 1024
