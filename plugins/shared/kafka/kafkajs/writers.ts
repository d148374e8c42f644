/** Which topics are written to in this process: who reads one to its end waits until nobody adds to it any more. */
export class Writers {
  /** How often it has changed. */
  changes = 0
  readonly #topics = new Map<unknown, Set<string>>()
  readonly #listeners = new Set<() => void>()

  /** Calls `changed` at each change; what it gives ends that. */
  listen(changed: () => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  add(writer: unknown, topic: string): void {
    const topics = this.#topics.get(writer) ?? new Set()
    this.#topics.set(writer, topics)
    if (!topics.has(topic)) this.#change(() => topics.add(topic))
  }

  remove(writer: unknown): void {
    this.#change(() => this.#topics.delete(writer))
  }

  writesToAny(topics: readonly string[]): boolean {
    return [...this.#topics.values()].some((written) => topics.some((topic) => written.has(topic)))
  }

  #change(change: () => void): void {
    change()
    this.changes += 1
    for (const changed of this.#listeners) changed()
  }
}
