import { MemoryPool } from '../../memory-pool.ts'

/** Of a reader: what its sets stand in. */
export type ReadPool = MemoryPool<{ readonly data: Buffer }>

export function readPool(): ReadPool {
  return new MemoryPool(POOLED_BYTES, (bytes) => ({ data: Buffer.allocUnsafeSlow(bytes) }))
}

/** The memory of one read. */
export class ReadMemory {
  readonly #pool: ReadPool
  #memory: { readonly data: Buffer } | undefined

  constructor(pool: ReadPool) {
    this.#pool = pool
  }

  /** Room for what is read; what was given before is not needed any more. Few bytes do not hold much memory up. */
  readonly room = (bytes: number): Buffer => {
    this.giveBack()
    if (2 * bytes < POOLED_BYTES) return Buffer.allocUnsafeSlow(bytes)
    this.#memory = this.#pool.take(bytes)
    return this.#memory.data
  }

  /** Nobody needs what was read any more. */
  readonly giveBack = (): void => {
    if (this.#memory !== undefined) this.#pool.give(this.#memory)
    this.#memory = undefined
  }
}

/** A block of the usual size with its columns. */
const POOLED_BYTES = 1280 * 1024
