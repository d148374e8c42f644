/** What a chunk of the pool holds at most. */
export const CHUNK_BYTES = 2 * 1024 * 1024
/** Lines that one batch holds at most: a checkpoint can only fall between two batches. */
export const MOST_LINES = 8192

/** A piece of a file, and the lines found in it. */
export interface Chunk {
  readonly data: Buffer
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** Bytes of `data` that were asked for, and that are there. */
  asked: number
  length: number
}

/** Chunks to be used again. One that never comes back is the garbage collector's. */
export class ChunkPool {
  readonly #spare: Chunk[] = []

  /** A chunk for so many bytes; more than CHUNK_BYTES are for long lines, and not kept. */
  take(bytes: number): Chunk {
    const chunk = (bytes <= CHUNK_BYTES ? this.#spare.pop() : undefined) ?? makeChunk(Math.max(bytes, CHUNK_BYTES))
    chunk.asked = bytes
    chunk.length = 0
    return chunk
  }

  give(chunk: Chunk): void {
    if (chunk.data.length === CHUNK_BYTES && this.#spare.length < MOST_SPARE) this.#spare.push(chunk)
  }
}

const MOST_SPARE = 8

function makeChunk(bytes: number): Chunk {
  const data = Buffer.allocUnsafeSlow(bytes)
  return { data, starts: new Uint32Array(MOST_LINES), ends: new Uint32Array(MOST_LINES), asked: bytes, length: 0 }
}
