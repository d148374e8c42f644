/** Counts who still holds bytes of a source's batch; the last one gives its buffer back. */
export class Lease {
  #holders = 1
  readonly #done: (() => void) | undefined
  /** What stays in memory while somebody holds it, however few of the records are left; undefined: nothing to speak of. */
  readonly bytes: ArrayBufferLike | undefined

  constructor(done: (() => void) | undefined, bytes?: ArrayBufferLike) {
    this.#done = done
    this.bytes = bytes
  }

  retain(): void {
    this.#holders += 1
  }

  release(): void {
    this.#holders -= 1
    if (this.#holders === 0) this.#done?.()
  }
}
