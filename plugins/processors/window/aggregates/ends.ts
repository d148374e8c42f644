import type { Json, StreamRecord } from '../../../../engine/plugin.ts'
import { compare, type Place, sourceOf } from './order.ts'
import type { Running } from './running.ts'

/** The first or the last value in the order of the window; `null` stands for one that is missing there. */
export class Ends implements Running {
  readonly rowBytes = 8
  readonly grows = false
  readonly #isLast: boolean
  readonly #best: (Entry | undefined)[] = []

  constructor(which: 'first' | 'last') {
    this.#isLast = which === 'last'
  }

  add(row: number, value: Json, record: StreamRecord): number {
    const best = this.#best[row]
    const at = record.timestamp
    if (best !== undefined && (this.#isLast ? at < best.at : at > best.at)) return 0
    return this.#offer(row, { at, source: sourceOf(record), value })
  }

  merge(into: number, from: number): number {
    const best = this.#best[from]
    return best === undefined ? 0 : this.#offer(into, best)
  }

  clear(row: number): number {
    const bytes = bytesOf(this.#best[row])
    this.#best[row] = undefined
    return bytes
  }

  of(row: number): Json | undefined {
    return this.#best[row]?.value ?? undefined
  }

  encode(row: number): Json {
    const best = this.#best[row]
    return best === undefined ? null : [best.at, best.source, best.value]
  }

  decode(row: number, kept: Json): number {
    if (kept === null) return 0
    const [at, source, value] = kept as readonly [number, string, Json]
    return this.#offer(row, { at, source, value })
  }

  resize(rows: number): void {
    while (this.#best.length < rows) this.#best.push(undefined)
    this.#best.length = rows
  }

  /** Of two that are equal in order, the one that came first is the first, and the one that came last the last. */
  #offer(row: number, entry: Entry): number {
    const best = this.#best[row]
    const order = best === undefined ? 0 : compare(entry, best)
    if (best !== undefined && (this.#isLast ? order < 0 : order >= 0)) return 0
    this.#best[row] = entry
    return bytesOf(entry) - bytesOf(best)
  }
}

interface Entry extends Place {
  readonly value: Json
}

function bytesOf(entry: Entry | undefined): number {
  if (entry === undefined) return 0
  const { value } = entry
  return 120 + (typeof value === 'object' ? JSON.stringify(value).length * 3 : String(value).length)
}
