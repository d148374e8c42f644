/** Memory for bytes that are needed for one call of `Sink.write`, used again for the next one. */
export class Scratch {
  #memory: Buffer = NOTHING
  #used = 0

  /** So many bytes with any content. They stay with whoever took them until everything is given back. */
  take(bytes: number): Buffer {
    if (bytes > MOST_KEPT) return Buffer.allocUnsafeSlow(bytes)
    if (this.#used + bytes > this.#memory.length) {
      this.#memory = Buffer.allocUnsafeSlow(Math.min(MOST_KEPT, Math.max(bytes, 2 * this.#memory.length)))
      this.#used = 0
    }
    this.#used += bytes
    return this.#memory.subarray(this.#used - bytes, this.#used)
  }

  /** Nobody needs what was taken any more. */
  giveBack(): void {
    this.#used = 0
  }
}

const MOST_KEPT = 8 * 1024 * 1024
const NOTHING = Buffer.alloc(0)
