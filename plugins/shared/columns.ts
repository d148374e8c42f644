type Column = Float64Array | Int32Array | Uint32Array | Uint16Array | Uint8Array

/** The column with room for so many rows: the first of them as they were, new ones 0. */
export function grown<C extends Column>(column: C, rows: number): C {
  const copy = new (column.constructor as new (rows: number) => C)(rows)
  copy.set(column.subarray(0, rows))
  return copy
}
