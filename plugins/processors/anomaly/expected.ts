import type { KeyedState } from '../../../engine/plugin.ts'

/** The keys that are missed from the start, which is the earliest time of all records, as long as nobody knows whether they are. */
export class Expected {
  readonly #keys: readonly string[]
  /** Key -> the start. */
  readonly #awaited: KeyedState<number>
  #start: number | undefined

  constructor(keys: readonly string[], awaited: KeyedState<number>) {
    const [first] = awaited.entries()
    this.#keys = keys.toSorted()
    this.#awaited = awaited
    this.#start = first?.[1]
  }

  /** Undefined when no key is awaited: not yet, or no more. */
  get start(): number | undefined {
    return this.#start
  }

  get awaited(): readonly string[] {
    return [...this.#awaited.entries()].map(([key]) => key)
  }

  /** All keys are awaited from then on; those that are already from then on instead. */
  begin(time: number): void {
    for (const key of this.#start === undefined ? this.#keys : this.awaited) this.#awaited.set(key, time)
    if (this.#awaited.size > 0) this.#start = time
  }

  /** Whether the key came in time is known. */
  settle(key: string): void {
    this.#awaited.delete(key)
    if (this.#awaited.size === 0) this.#start = undefined
  }
}
