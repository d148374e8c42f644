import type { FrameAttributes, Header, Json, Origin } from '../../../engine/plugin.ts'
import type { RowPlaces } from './row-places.ts'

/** What the rows of a batch share. */
export interface Rows {
  readonly component: string
  readonly partition: string
  readonly timestamp: number
  /** Where the bytes of the batch begin: byte offset, line, and how many rows came before. */
  readonly offset: number
  readonly line: number
  readonly rows: number
  /** How many rows make a batch of `pace`; 0 without it. */
  readonly pace: number
}

export function originOf({ component, partition, offset, line }: Rows, start: number, lines: number): Origin {
  return { component, partition, position: { offset: offset + start, line: line + lines } }
}

/** What rows have beside their bytes when they come at a pace. Asked by their places among the good ones. */
export class PacedRows implements FrameAttributes {
  readonly #rows: Rows
  readonly #places: Pick<RowPlaces, 'starts' | 'lines' | 'numbers'>

  constructor(rows: Rows, places: Pick<RowPlaces, 'starts' | 'lines' | 'numbers'>) {
    this.#rows = rows
    this.#places = places
  }

  key(): null {
    return null
  }

  timestamp(): number {
    return this.#rows.timestamp
  }

  headers(index: number): readonly Header[] {
    const { pace, rows } = this.#rows
    const row = rows + (this.#places.numbers[index] as number)
    return [
      { name: 'batch_number', value: String(Math.floor(row / pace) + 1) },
      { name: 'batch_position', value: String((row % pace) + 1) },
    ]
  }

  position(index: number): Json {
    const { starts, lines } = this.#places
    return originOf(this.#rows, starts[index] as number, lines[index] as number).position
  }
}
