import { crc32 } from 'node:zlib'

/** One frame of a log; its layout is in index.ts. */
export interface Frame {
  readonly seq: number
  /** A view of the block that was read: keeping one payload keeps its neighbours in memory. */
  readonly payload: Buffer
}

export const FRAME_HEADER = 17
export const MAX_PAYLOAD = 2 ** 30

/** Fills in the header of a frame at `target[at]`; the pieces are its payload. */
export function writeFrameHeader(target: Buffer, at: number, seq: number, payload: readonly Uint8Array[]): void {
  target.writeUInt32LE(bytesOf(payload), at + LENGTH)
  writeSafeInteger(target, seq, at + SEQ)
  target[at + TYPE] = DATA
  const checked = target.subarray(at + LENGTH, at + FRAME_HEADER)
  const crc = payload.reduce((sum, piece) => crc32(piece, sum), crc32(checked))
  target.writeUInt32LE(crc, at)
}

export function bytesOf(payload: readonly Uint8Array[]): number {
  return payload.reduce((sum, piece) => sum + piece.length, 0)
}

/** What stands at one place of a segment. `bytes` counts header and payload. */
export type Found =
  | { readonly kind: 'frame'; readonly bytes: number }
  /** The buffer ends before the frame does; 0 when not even its size is known yet. */
  | { readonly kind: 'partial'; readonly bytes: number }
  /** No frame of this number can stand here. */
  | { readonly kind: 'invalid' }

/** Looks for frame `seq` at `buffer[at]`, `left` bytes before the end of the file. */
export function findFrame(buffer: Buffer, at: number, seq: number, left: number): Found {
  if (left === 0) return NOTHING
  if (left < FRAME_HEADER) return INVALID
  if (buffer.length - at < FRAME_HEADER) return NOTHING
  const bytes = FRAME_HEADER + buffer.readUInt32LE(at + LENGTH)
  if (bytes > left || bytes > FRAME_HEADER + MAX_PAYLOAD) return INVALID
  if (buffer.length - at < bytes) return { kind: 'partial', bytes }
  const whole = seqAt(buffer, at) === seq && buffer[at + TYPE] === DATA && checksumHolds(buffer, at, bytes)
  return whole ? { kind: 'frame', bytes } : INVALID
}

/** The sequence number that a frame at `buffer[at]` would have. */
export function seqAt(buffer: Buffer, at: number): number {
  return readSafeInteger(buffer, at + SEQ)
}

/** Cheap to ask of every byte: could a frame with a number in [from, to) begin at `buffer[at]`? */
export function looksLikeFrame(buffer: Buffer, at: number, from: number, to: number): boolean {
  if (buffer[at + TYPE] !== DATA) return false
  const seq = seqAt(buffer, at)
  return seq >= from && seq < to
}

export function writeSafeInteger(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value % 2 ** 32, at)
  target.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4)
}

/** Exact up to 2^53; what is larger reads as some other number above it, which no caller takes for a valid one. */
export function readSafeInteger(source: Buffer, at: number): number {
  return source.readUInt32LE(at) + source.readUInt32LE(at + 4) * 2 ** 32
}

const LENGTH = 4
const SEQ = 8
const TYPE = 16
/** The only type of version 1. */
const DATA = 1

const NOTHING: Found = { kind: 'partial', bytes: 0 }
const INVALID: Found = { kind: 'invalid' }

function checksumHolds(buffer: Buffer, at: number, bytes: number): boolean {
  return crc32(buffer.subarray(at + LENGTH, at + bytes)) === buffer.readUInt32LE(at)
}
