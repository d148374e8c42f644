import type { KeyedState } from '../../../engine/plugin.ts'

/** The keys that are missed from the start, which is the earliest time of all records: each is looked at once. */
export class Expected {
  readonly #keys: readonly string[]
  readonly #progress: KeyedState<number>
  #start: number | undefined

  constructor(keys: readonly string[], progress: KeyedState<number>) {
    this.#keys = keys.toSorted()
    this.#progress = progress
    this.#start = progress.get(START)
  }

  /** Undefined before there is one, and when all keys have been looked at. */
  get start(): number | undefined {
    return this.#start
  }

  begin(time: number): void {
    if (this.#keys.length === 0) return
    this.#start = time
    this.#progress.set(START, time)
  }

  /** The next key; undefined when all have been looked at. */
  next(): string | undefined {
    const looked = this.#progress.get(LOOKED) ?? 0
    if (looked < this.#keys.length) {
      this.#progress.set(LOOKED, looked + 1)
      return this.#keys[looked]
    }
    this.#start = undefined
    this.#progress.delete(START)
    this.#progress.delete(LOOKED)
    return undefined
  }
}

const START = 'start'
const LOOKED = 'looked'
