/** Memory of one size to be used again, with what belongs to it. What never comes back is the garbage collector's. */
export class MemoryPool<T extends { readonly data: Buffer }> {
  readonly #bytes: number
  readonly #make: (bytes: number) => T
  readonly #spare: T[] = []

  /** `bytes`: what is usual. */
  constructor(bytes: number, make: (bytes: number) => T) {
    this.#bytes = bytes
    this.#make = make
  }

  /** Room for so many bytes, as it was left; more than is usual is for something long, and not kept. */
  take(bytes: number): T {
    return (bytes <= this.#bytes ? this.#spare.pop() : undefined) ?? this.#make(Math.max(bytes, this.#bytes))
  }

  give(memory: T): void {
    if (memory.data.length === this.#bytes && this.#spare.length < MOST_SPARE) this.#spare.push(memory)
  }
}

const MOST_SPARE = 8

/** For so many that share what `done` gives back: each calls this once, and the last call is passed on. For none, at once. */
export function whenLast(count: number, done: () => void): () => void {
  let left = count
  if (left === 0) done()
  return () => {
    left -= 1
    if (left === 0) done()
  }
}
