import type { Json, StreamRecord } from '../../../../engine/plugin.ts'

/**
 * One kind of running state, for all rows: a column or a few. What it yields for a row depends only on the values that
 * were added, and, where their order counts, on their times and sources: not on how they were split and merged.
 */
export interface Running {
  /** Roughly the bytes of a row, beyond what `add` and `merge` say. */
  readonly rowBytes: number
  /** True: a row may grow with every value that it is given. */
  readonly grows: boolean
  /** What `value` would have to be, where it is nothing that this can take. Left out: it takes everything. */
  readonly refuses?: ((value: Json) => string | undefined) | undefined
  /** Adds a value of `record`; says by how many bytes the row has grown. */
  add(row: number, value: Json, record: StreamRecord): number
  /** Adds what `from` holds to `into`; says by how many bytes it has grown. */
  merge(into: number, from: number): number
  /** Makes the row as new; says by how many bytes it has shrunk. */
  clear(row: number): number
  encode(row: number): Json
  /** Into a row that is as new; says by how many bytes it has grown. */
  decode(row: number, kept: Json): number
  /** There are so many rows from now on, the new ones as new. */
  resize(rows: number): void
}
