import type { Json, StreamRecord } from '../../../../engine/plugin.ts'
import { compare, type Place, sourceOf } from './order.ts'
import type { Running } from './running.ts'

/** All values, for an aggregate that no running state is known for. */
export class Values implements Running {
  readonly rowBytes = 8
  readonly grows = true
  readonly #entries: (Entry[] | undefined)[] = []

  add(row: number, value: Json, record: StreamRecord): number {
    return this.#append(row, [entryOf(record.timestamp, sourceOf(record), value)])
  }

  merge(into: number, from: number): number {
    return this.#append(into, this.#entries[from] ?? [])
  }

  clear(row: number): number {
    const bytes = (this.#entries[row] ?? []).reduce((sum, one) => sum + one.bytes, 0)
    this.#entries[row] = undefined
    return bytes
  }

  /** In the order of the window; sorting keeps the order of what is equal. */
  of(row: number): readonly Json[] {
    return (this.#entries[row] ?? []).toSorted(compare).map(({ value }) => value)
  }

  encode(row: number): Json {
    return (this.#entries[row] ?? []).map(({ at, source, value }) => [at, source, value])
  }

  decode(row: number, kept: Json): number {
    const entries = kept as readonly (readonly [number, string, Json])[]
    return this.#append(
      row,
      entries.map(([at, source, value]) => entryOf(at, source, value)),
    )
  }

  resize(rows: number): void {
    while (this.#entries.length < rows) this.#entries.push(undefined)
    this.#entries.length = rows
  }

  #append(row: number, entries: readonly Entry[]): number {
    const all = this.#entries[row]
    if (all === undefined) this.#entries[row] = [...entries]
    else for (const entry of entries) all.push(entry)
    return entries.reduce((sum, { bytes }) => sum + bytes, 0)
  }
}

interface Entry extends Place {
  readonly value: Json
  readonly bytes: number
}

function entryOf(at: number, source: string, value: Json): Entry {
  return { at, source, value, bytes: 100 + JSON.stringify(value).length * 3 }
}
