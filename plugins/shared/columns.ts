/** The column with room for so many rows: the first of them as they were, new ones 0. */
export function grown(column: Float64Array, rows: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(rows)
  copy.set(column.subarray(0, rows))
  return copy
}

/** As `grown`. */
export function grownBytes(column: Uint8Array, rows: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(rows)
  copy.set(column.subarray(0, rows))
  return copy
}
