import type { Header, Json, Origin, StreamRecord } from '../../../engine/plugin.ts'

/** What the rows of a batch share. */
export interface Rows {
  /** The bytes of the rows, from the first on. */
  data: Buffer
  readonly component: string
  readonly partition: string
  readonly timestamp: number
  /** Where `data[0]` stands: byte offset, line, and how many rows came before. */
  readonly offset: number
  readonly line: number
  readonly rows: number
  /** How many rows make a batch of `pace`; 0 without it. */
  readonly pace: number
}

/** A row of a file: its value, and all else on demand. */
export class CsvRecord implements StreamRecord {
  readonly value: Json
  readonly #batch: Rows
  readonly #start: number
  readonly #end: number
  readonly #line: number
  readonly #row: number

  /** `line` and `row` are counted from those of the batch. */
  constructor(batch: Rows, value: Json, place: { start: number; end: number; line: number; row: number }) {
    this.value = value
    this.#batch = batch
    this.#start = place.start
    this.#end = place.end
    this.#line = place.line
    this.#row = place.row
  }

  get raw(): Uint8Array {
    return this.#batch.data.subarray(this.#start, this.#end)
  }

  /** What its bytes mean only the header of its file says. */
  get format(): undefined {
    return undefined
  }

  get key(): null {
    return null
  }

  get timestamp(): number {
    return this.#batch.timestamp
  }

  get headers(): readonly Header[] {
    const { pace, rows } = this.#batch
    if (pace === 0) return NO_HEADERS
    const row = rows + this.#row
    return [
      { name: 'batch_number', value: String(Math.floor(row / pace) + 1) },
      { name: 'batch_position', value: String((row % pace) + 1) },
    ]
  }

  get origin(): Origin {
    return originOf(this.#batch, this.#start, this.#line)
  }
}

const NO_HEADERS: readonly Header[] = Object.freeze([])

export function originOf({ component, partition, offset, line }: Rows, start: number, lines: number): Origin {
  return { component, partition, position: { offset: offset + start, line: line + lines } }
}
