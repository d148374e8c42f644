import { crc32 } from 'node:zlib'
import type { StoredFile } from '../../../engine/plugin.ts'
import type { Chunk } from './chunk.ts'
import { type Place, PROOF_BYTES } from './position.ts'

/** The bytes before `place` in `file`; undefined when they are not those that the place tells of. */
export async function recall(file: StoredFile, place: Place): Promise<Buffer | undefined> {
  const length = Math.min(place.offset, PROOF_BYTES)
  const head = await readExactly(file, 0, length)
  const tail = await readExactly(file, place.offset - length, length)
  return crc32(head) === place.head && crc32(tail) === place.tail ? tail : undefined
}

/** The place of a line that begins at `offset`. */
export async function placeAt(file: StoredFile, offset: number, line: number): Promise<Place> {
  const length = Math.min(offset, PROOF_BYTES)
  const head = crc32(await readExactly(file, 0, length))
  return { offset, line, head, tail: crc32(await readExactly(file, offset - length, length)) }
}

async function readExactly(file: StoredFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let there = 0
  while (there < length) {
    const count = await file.read(bytes, there, length - there, position + there)
    if (count === 0) break
    there += count
  }
  return bytes.subarray(0, there)
}

/** A read may bring fewer bytes than there are: only one that brings none is the end. */
export async function fill(file: StoredFile, chunk: Chunk, from: number): Promise<void> {
  while (chunk.length < chunk.asked) {
    const count = await file.read(chunk.data, chunk.length, chunk.asked - chunk.length, from + chunk.length)
    if (count === 0) return
    chunk.length += count
  }
}
