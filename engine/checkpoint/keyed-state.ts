import type { KeyedState, StateForm } from '../plugin.ts'
import type { Json } from '../record.ts'

/** What changed of one state since the last cut: undefined for a key that is gone. */
export type StateChange = readonly [key: string, value: Json | undefined]
export type StateChanges = Iterable<StateChange>

/** Part of a state as JSON text in UTF-8, `[[key, value], [key], ...]`: a key alone is gone. */
export type StateText = Uint8Array

/** A state at work: remembers which keys changed, and gives them in their form on disk at a cut. */
export class StateTable<V> implements KeyedState<V> {
  readonly #form: StateForm<V>
  readonly #values = new Map<string, V>()
  /** In the order in which new keys were set. */
  readonly #changed = new Set<string>()
  /** Deleted and set again since the last cut: they stand at the end now. */
  readonly #renewed = new Set<string>()
  #restating: IterableIterator<[string, V]> | undefined

  constructor(kept: Iterable<readonly [string, Json]>, form: StateForm<V> = plainForm()) {
    this.#form = form
    for (const [key, value] of kept) this.#values.set(key, form.decode(value))
  }

  get size(): number {
    return this.#values.size
  }

  get(key: string): V | undefined {
    return this.#values.get(key)
  }

  set(key: string, value: V): void {
    const keys = this.#values.size
    const changes = this.#changed.size
    this.#values.set(key, value)
    this.#changed.add(key)
    const isRenewed = this.#values.size > keys && this.#changed.size === changes
    if (isRenewed) this.#renew(key)
  }

  /** It stands at the end now. */
  #renew(key: string): void {
    this.#changed.delete(key)
    this.#changed.add(key)
    this.#renewed.add(key)
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

  /** How many keys changed since the last cut. */
  get changes(): number {
    return this.#changed.size
  }

  /** At a cut: what changed since the last one, in the form that it has now. To be gone through at once. */
  *takeChanges(): Generator<StateChange> {
    for (const key of this.#changed) {
      const value = this.#values.get(key)
      if (value === undefined || this.#renewed.has(key)) yield [key, undefined]
      if (value !== undefined) yield [key, this.#form.encode(value)]
    }
    this.#changed.clear()
    this.#renewed.clear()
  }

  /** From now on `takeRestated` goes through all keys, those that are set meanwhile among them. */
  beginRestating(): void {
    this.#restating = this.#values.entries()
  }

  /** At a cut: the next keys as they are now, at most so many; `isLast` when there are no more. */
  takeRestated(most: number): { readonly texts: readonly StateText[]; readonly isLast: boolean } {
    const restating = this.#restating ?? this.#values.entries()
    let isLast = false
    const texts = textsOf(this.#some(restating, most, () => (isLast = true)))
    return { texts, isLast }
  }

  *#some(entries: Iterator<[string, V]>, most: number, ended: () => void): Generator<StateChange> {
    for (let count = 0; count < most; count++) {
      const { done, value: entry } = entries.next()
      if (done) return ended()
      yield [entry[0], this.#form.encode(entry[1])]
    }
  }
}

/**
 * Texts of a bounded number of keys each. Values may be changed in place, so it is text before anything else happens; and
 * bytes at once, for as strings so many texts would wait in the heap until they are written.
 */
export function textsOf(changes: StateChanges): readonly StateText[] {
  const texts: StateText[] = []
  let pairs: (readonly [string, Json] | readonly [string])[] = []
  for (const [key, value] of changes) {
    pairs.push(value === undefined ? [key] : [key, value])
    if (pairs.length < TEXT_KEYS) continue
    texts.push(Buffer.from(JSON.stringify(pairs)))
    pairs = []
  }
  if (pairs.length > 0) texts.push(Buffer.from(JSON.stringify(pairs)))
  return texts
}

const TEXT_KEYS = 500

function plainForm<V>(): StateForm<V> {
  return { encode: (value) => value as Json, decode: (kept) => kept as V }
}
