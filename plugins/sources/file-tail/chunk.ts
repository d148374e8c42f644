import { MemoryPool } from '../../shared/memory-pool.ts'

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

export type ChunkPool = MemoryPool<Chunk>

export function chunkPool(): ChunkPool {
  return new MemoryPool(CHUNK_BYTES, makeChunk)
}

function makeChunk(bytes: number): Chunk {
  const data = Buffer.allocUnsafeSlow(bytes)
  return { data, starts: new Uint32Array(MOST_LINES), ends: new Uint32Array(MOST_LINES), asked: bytes, length: 0 }
}
