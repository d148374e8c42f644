import { pipeline, Readable } from 'node:stream'
import { createGunzip, type Gunzip } from 'node:zlib'
import type { StoredFile } from '../../../engine/plugin.ts'

export function isPacked(path: string): boolean {
  return path.endsWith('.gz')
}

/**
 * A gzipped file by the bytes that are packed in it: a position is one of those. Going back costs unpacking from the
 * beginning, so that only what was read last, and what comes after it, is at hand.
 */
export function unpacked(packed: StoredFile): StoredFile {
  let window: Window | undefined
  return {
    ...packed,
    async read(target, offset, length, position) {
      if (window === undefined || position < window.start) {
        window?.close()
        window = new Window(packed)
      }
      return window.read(target.subarray(offset, offset + length), position)
    },
    async close() {
      window?.close()
      await packed.close()
    },
  }
}

/** The unpacked bytes from the last read on. */
class Window {
  /** Where `#held` begins. */
  start = 0
  #held: Buffer[] = []
  #end = 0
  readonly #gunzip: Gunzip
  readonly #chunks: AsyncIterator<Buffer>

  constructor(packed: StoredFile) {
    this.#gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    this.#chunks = this.#gunzip[Symbol.asyncIterator]() as AsyncIterator<Buffer>
    // What goes wrong is thrown where the chunks are awaited.
    pipeline(Readable.from(bytesOf(packed), { objectMode: false }), this.#gunzip, () => {})
  }

  /** Fills the target; fewer bytes only at the end. */
  async read(target: Uint8Array, position: number): Promise<number> {
    this.#forget(position)
    while (this.#end < position + target.length) {
      const { value, done } = await this.#chunks.next()
      if (done) break
      this.#held.push(value)
      this.#end += value.length
      this.#forget(position)
    }
    return this.#copy(target, position)
  }

  close(): void {
    this.#gunzip.destroy()
  }

  #forget(position: number): void {
    for (
      let first = this.#held[0];
      first !== undefined && this.start + first.length <= position;
      first = this.#held[0]
    ) {
      this.start += first.length
      this.#held.shift()
    }
  }

  #copy(target: Uint8Array, position: number): number {
    let at = this.start
    let count = 0
    for (const chunk of this.#held) {
      const from = Math.max(0, position - at)
      const piece = chunk.subarray(from, from + target.length - count)
      target.set(piece, count)
      count += piece.length
      at += chunk.length
    }
    return count
  }
}

const CHUNK_BYTES = 256 * 1024

async function* bytesOf(file: StoredFile): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const buffer = Buffer.allocUnsafe(64 * 1024)
    const count = await file.read(buffer, 0, buffer.length, position)
    if (count === 0) return
    position += count
    yield buffer.subarray(0, count)
  }
}
