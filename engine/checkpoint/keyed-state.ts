import type { KeyedState, StateForm } from '../plugin.ts'
import type { Json } from '../record.ts'

/** What changed of one state since the last cut: undefined for a key that is gone. */
export type StateChanges = ReadonlyMap<string, Json | undefined>

/** A state at work: remembers which keys changed, and gives them in their form on disk at a cut. */
export class StateTable<V> implements KeyedState<V> {
  readonly #form: StateForm<V>
  #values = new Map<string, V>()
  readonly #changed = new Set<string>()

  constructor(kept: Iterable<readonly [string, Json]>, form: StateForm<V> = plainForm()) {
    this.#form = form
    for (const [key, value] of kept) this.#values.set(key, form.decode(value))
    const { compare } = form
    if (compare !== undefined) this.#values = new Map([...this.#values].sort(([, a], [, b]) => compare(a, b)))
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    this.#values.set(key, value)
    this.#changed.add(key)
  }

  touch(key: string): void {
    this.#changed.add(key)
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#changed.add(key)
  }

  entries(): IterableIterator<[key: string, value: V]> {
    return this.#values.entries()
  }

  /** At a cut: what changed since the last one, in the form that it has now. */
  takeChanges(): StateChanges {
    const changes = new Map<string, Json | undefined>()
    for (const key of this.#changed) {
      const value = this.#values.get(key)
      changes.set(key, value === undefined ? undefined : this.#form.encode(value))
    }
    this.#changed.clear()
    return changes
  }
}

function plainForm<V>(): StateForm<V> {
  return { encode: (value) => value as Json, decode: (kept) => kept as V }
}
