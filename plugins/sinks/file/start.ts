import type { StoredFile } from '../../../engine/plugin.ts'

/** The beginning of a file, for codecs that write a header there and go by the one that is there. */

export const NO_BYTES: Uint8Array = new Uint8Array()

/** The first bytes of what is written to an empty file; a copy, because the chunks are only valid while they are written. */
export function startOf(chunks: readonly Uint8Array[], count: number): Uint8Array {
  return count === 0 ? NO_BYTES : Buffer.concat(chunks).subarray(0, count)
}

/** The first bytes of a file that has at least so many. */
export async function readStart(file: StoredFile, count: number): Promise<Uint8Array> {
  if (count === 0) return NO_BYTES
  const bytes = new Uint8Array(count)
  let length = 0
  for (let more = -1; length < count && more !== 0; ) {
    more = await file.read(bytes, length, count - length, length)
    length += more
  }
  return bytes.subarray(0, length)
}
