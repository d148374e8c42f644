/** Counts who still holds bytes of a source's batch; the last one gives its buffer back. */
export class Lease {
  #holders = 1
  readonly #done: (() => void) | undefined

  constructor(done: (() => void) | undefined) {
    this.#done = done
  }

  retain(): void {
    this.#holders += 1
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#done?.()
  }
}
