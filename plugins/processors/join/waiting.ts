import type { Json, KeyedState, StateForm, StreamRecord } from '../../../engine/plugin.ts'
import { KEPT_RECORD } from '../../shared/kept-record.ts'
import { TimeHeap } from '../../shared/time-heap.ts'

export type SideName = 'left' | 'right'

/** A record that waits for partners. */
export interface Waiter {
  readonly side: SideName
  readonly key: string
  readonly record: StreamRecord
  /** It has left in a pair. */
  isPaired: boolean
}

export const WAITER: StateForm<Waiter> = {
  encode: ({ side, key, record, isPaired }) => [side, key, isPaired, KEPT_RECORD.encode(record)],
  decode(kept) {
    const [side, key, isPaired, record] = kept as unknown as [SideName, string, boolean, Json]
    return { side, key, isPaired, record: KEPT_RECORD.decode(record) }
  },
}

/** The records that wait, by key and side, and by the moment at which they have waited long enough. */
export class Waiting {
  readonly #kept: KeyedState<Waiter>
  readonly #within: number
  readonly #byKey = new Map<string, Record<SideName, Map<number, Waiter>>>()
  readonly #heap = new TimeHeap()
  #last = 0

  constructor(kept: KeyedState<Waiter>, within: number) {
    this.#kept = kept
    this.#within = within
    for (const [name, waiter] of kept.entries()) {
      this.#last = Math.max(this.#last, Number(name))
      this.#index(Number(name), waiter)
    }
  }

  get size(): number {
    return this.#kept.size
  }

  /** When the watermark is there, the first of them waits in vain; Infinity when none waits. */
  get due(): number {
    return this.#heap.earliest
  }

  add(waiter: Waiter): void {
    this.#last += 1
    this.#kept.set(String(this.#last), waiter)
    this.#index(this.#last, waiter)
  }

  /** The partners of a record, in the order of their arrival; they are paired from now on. */
  *partnersOf({ side, key, record }: Waiter): Generator<Waiter> {
    const others = this.#byKey.get(key)?.[side === 'left' ? 'right' : 'left']
    for (const [number, other] of others ?? []) {
      if (Math.abs(other.record.timestamp - record.timestamp) > this.#within) continue
      if (!other.isPaired) {
        other.isPaired = true
        this.#kept.touch(String(number))
      }
      yield other
    }
  }

  /** Takes out the one that has waited longest. */
  takeDue(): Waiter {
    const number = this.#heap.pop()
    const waiter = this.#kept.get(String(number)) as Waiter
    this.#kept.delete(String(number))
    const sides = this.#byKey.get(waiter.key)
    sides?.[waiter.side].delete(number)
    if (sides?.left.size === 0 && sides.right.size === 0) this.#byKey.delete(waiter.key)
    return waiter
  }

  #index(number: number, waiter: Waiter): void {
    const sides = this.#byKey.get(waiter.key) ?? { left: new Map(), right: new Map() }
    this.#byKey.set(waiter.key, sides)
    sides[waiter.side].set(number, waiter)
    // Behind that moment no partner can come that is not late.
    this.#heap.push(waiter.record.timestamp + this.#within + 1, number)
  }
}
