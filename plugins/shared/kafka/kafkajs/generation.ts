/** The time between two gatherings of a group: what one member does in it, and how that comes to its end. */
export class Generation {
  readonly #ending = new AbortController()
  readonly #over = new AbortController()
  readonly #above: AbortSignal
  #side: Promise<void> = Promise.resolve()
  #fault: unknown

  constructor(above: AbortSignal) {
    this.#above = above
    above.addEventListener('abort', this.end)
    if (above.aborted) this.end()
  }

  /** Aborted when nothing more may be read in it. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  get isEnding(): boolean {
    return this.#ending.signal.aborted
  }

  /** Aborted when everything of it was given up, too. */
  get over(): AbortSignal {
    return this.#over.signal
  }

  /** Goes on until it is over. */
  alongside(work: Promise<void>): void {
    this.#side = work
  }

  readonly end = (): void => this.#ending.abort()

  readonly fail = (fault: unknown): void => {
    this.#fault ??= fault
    this.end()
  }

  /** Throws what it failed with, if it did. */
  async finish(): Promise<void> {
    this.#above.removeEventListener('abort', this.end)
    this.#over.abort()
    await this.#side
    if (this.#fault !== undefined) throw this.#fault
  }
}
