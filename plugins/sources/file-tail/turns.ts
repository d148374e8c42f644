import type { TailedFile } from './tailed-file.ts'

/** Steps in a row that one file gets while others wait: long enough that reading ahead pays. */
const STEPS = 8

/** The files that may have something to read, each in its turn. */
export class Turns {
  readonly #waiting = new Set<TailedFile>()
  #steps = 0

  get size(): number {
    return this.#waiting.size
  }

  /** The next step is this file's too. */
  get goOn(): boolean {
    return this.#steps < STEPS || this.#waiting.size === 1
  }

  /** One file had its steps: what else may have changed is to be looked at. */
  get roundIsOver(): boolean {
    return this.#steps >= STEPS
  }

  has(file: TailedFile): boolean {
    return this.#waiting.has(file)
  }

  add(file: TailedFile): void {
    this.#waiting.add(file)
  }

  remove(file: TailedFile): void {
    this.#waiting.delete(file)
    this.#steps = 0
  }

  next(): TailedFile | undefined {
    const first = this.#first()
    if (first === undefined) return undefined
    if (!this.goOn) {
      this.remove(first)
      this.add(first)
    }
    this.#steps += 1
    return this.#first()
  }

  #first(): TailedFile | undefined {
    return this.#waiting.values().next().value
  }
}
