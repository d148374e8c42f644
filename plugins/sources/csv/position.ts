import { crc32 } from 'node:zlib'

/** The beginning of a row, and the bytes in front of it: so that a file that was written anew is recognised (CS-07). */
export type Place = {
  readonly offset: number
  /** Its line, from 1. */
  readonly line: number
  /** How many bytes in front of it were looked at, and their CRC-32. */
  readonly proofBytes: number
  readonly proof: number
}

/** A place in the table that has this header, and how many rows were read until there, broken and repeated ones too. */
export type Position = Place & { readonly header: number; readonly rows: number }

/** The place behind `data[0 .. length]`, which begins at `from`. */
export function placeBehind(from: Place, data: Uint8Array, length: number, lines: number): Place {
  if (length === 0) return from
  const proof = data.subarray(Math.max(0, length - MOST_PROOF), length)
  return { offset: from.offset + length, line: from.line + lines, proofBytes: proof.length, proof: crc32(proof) }
}

export const BEGINNING: Place = { offset: 0, line: 1, proofBytes: 0, proof: crc32('') }

export const MOST_PROOF = 256
