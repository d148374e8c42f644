import type { KeyedState, StreamRecord } from '../../../engine/plugin.ts'

/** The records that wait, the earliest first: a binary heap over what the state keeps, by time, source, and arrival. */
export class Waiting {
  readonly #kept: KeyedState<StreamRecord>
  readonly #heap: Place[] = []
  #arrivals = 0

  constructor(kept: KeyedState<StreamRecord>) {
    this.#kept = kept
    for (const [key, record] of kept.entries()) {
      this.#push({ key, record, arrival: Number(key) })
      this.#arrivals = Math.max(this.#arrivals, Number(key))
    }
  }

  get size(): number {
    return this.#heap.length
  }

  /** The time of the earliest; undefined when none waits. */
  get earliest(): number | undefined {
    return this.#heap[0]?.record.timestamp
  }

  add(record: StreamRecord): void {
    this.#arrivals += 1
    const key = String(this.#arrivals)
    this.#kept.set(key, record)
    this.#push({ key, record, arrival: this.#arrivals })
  }

  /** Takes out the earliest; there is one. */
  take(): StreamRecord {
    const first = this.#heap[0] as Place
    const last = this.#heap.pop() as Place
    if (this.#heap.length > 0) this.#sink(last)
    this.#kept.delete(first.key)
    return first.record
  }

  #push(place: Place): void {
    let at = this.#heap.push(place) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (comesBefore(this.#heap[above] as Place, place)) break
      this.#heap[at] = this.#heap[above] as Place
      at = above
    }
    this.#heap[at] = place
  }

  #sink(place: Place): void {
    const { length } = this.#heap
    let at = 0
    for (let below = 1; below < length; below = 2 * at + 1) {
      const right = below + 1
      const isRight = right < length && comesBefore(this.#heap[right] as Place, this.#heap[below] as Place)
      const least = isRight ? right : below
      if (comesBefore(place, this.#heap[least] as Place)) break
      this.#heap[at] = this.#heap[least] as Place
      at = least
    }
    this.#heap[at] = place
  }
}

interface Place {
  readonly key: string
  readonly record: StreamRecord
  readonly arrival: number
}

/** DESIGN section 9: by time, source, partition, then arrival, which is fixed within a partition. */
function comesBefore(a: Place, b: Place): boolean {
  const { timestamp, origin } = a.record
  const other = b.record
  if (timestamp !== other.timestamp) return timestamp < other.timestamp
  if (origin.component !== other.origin.component) return origin.component < other.origin.component
  if (origin.partition !== other.origin.partition) return origin.partition < other.origin.partition
  return a.arrival < b.arrival
}
