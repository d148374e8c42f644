import type { KeyedState } from '../../../engine/plugin.ts'

/** Which keys passed, and when: key -> the time of the record that passed, in event time. */
export class Memory {
  readonly #seen: KeyedState<number>
  readonly #within: number
  readonly #maxKeys: number
  #forgotten = 0

  constructor(seen: KeyedState<number>, { within, maxKeys }: { readonly within: number; readonly maxKeys: number }) {
    this.#seen = seen
    this.#within = within
    this.#maxKeys = maxKeys
  }

  /** True when the record is the first of its key within the time. */
  take(key: string, time: number): boolean {
    const passed = this.#seen.get(key)
    if (passed !== undefined && Math.abs(time - passed) <= this.#within) return false
    // One that came so late must not hide what its successors are compared with.
    if (passed !== undefined && time < passed) return true
    // Set anew, so that the oldest stay in front.
    this.#seen.delete(key)
    this.#seen.set(key, time)
    if (this.#seen.size > this.#maxKeys) this.#forgetFirst()
    return true
  }

  /** When the oldest key can go. */
  get due(): number | undefined {
    const [first] = this.#seen.entries()
    return first === undefined ? undefined : first[1] + this.#within + 1
  }

  /**
   * No record that is not late can be the same as those that go here. Keys stand in the order of their arrival: behind
   * one that is not due there may be some that are, which go with it.
   */
  expire(watermark: number): void {
    for (const [key, time] of this.#seen.entries()) {
      if (time + this.#within >= watermark) return
      this.#seen.delete(key)
    }
  }

  takeForgotten(): number {
    const forgotten = this.#forgotten
    this.#forgotten = 0
    return forgotten
  }

  #forgetFirst(): void {
    const [first] = this.#seen.entries()
    if (first !== undefined) this.#seen.delete(first[0])
    this.#forgotten += 1
  }
}
