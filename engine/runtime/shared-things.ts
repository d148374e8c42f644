import type { Shared } from '../plugin.ts'

/** What the pipelines of one process share, by a key: opened by the first that asks, closed when the last lets go. */
export class SharedThings {
  readonly #things = new Map<string, { readonly opened: Promise<Shared<unknown>>; users: number }>()

  /** Every call that resolves is to be followed by one `release` of the same key. */
  async acquire<T>(key: string, open: () => Promise<Shared<T>>): Promise<T> {
    const thing = this.#things.get(key) ?? { opened: open(), users: 0 }
    this.#things.set(key, thing)
    thing.users += 1
    try {
      return (await thing.opened).value as T
    } catch (error) {
      // The next one who asks tries again.
      if (this.#things.get(key) === thing) this.#things.delete(key)
      throw error
    }
  }

  async release(key: string): Promise<void> {
    const thing = this.#things.get(key)
    if (thing === undefined) return
    thing.users -= 1
    if (thing.users > 0) return
    this.#things.delete(key)
    await (await thing.opened).close()
  }
}
