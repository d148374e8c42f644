import type { StoredFile } from '../storage.ts'
import { FRAME_HEADER, type Frame, findFrame } from './frame.ts'

/** A place between two frames of a segment file. */
export interface Place {
  readonly seq: number
  readonly offset: number
  /** Size of the frame that stands there, where it is known: who knows it never reads the frame twice. */
  readonly ahead: number
}

/** The frames of one read. */
export interface Block {
  readonly frames: readonly Frame[]
  readonly next: Place
  /** No frame stands at `next`, but bytes do. */
  readonly broken: boolean
}

/** Gives memory for so many bytes, or more. When it is asked again, what it gave before is not needed any more. */
export type Room = (bytes: number) => Buffer

/** Reads whole frames from a place on, about `maxBytes` but at least one; none at `size`, the end of the segment. */
export async function readBlock(
  file: StoredFile,
  from: Place,
  size: number,
  maxBytes: number,
  room: Room = Buffer.allocUnsafeSlow,
): Promise<Block> {
  // A header's worth more than asked for: it tells how long the next frame is.
  const wanted = Math.min(Math.max(maxBytes, from.ahead) + FRAME_HEADER, size - from.offset)
  const bytes = await readInto(room(wanted).subarray(0, wanted), file, from.offset)
  // A file that is shorter than it was: its last frame is broken.
  const left = bytes.length < wanted ? bytes.length : size - from.offset
  const block = framesIn(bytes, from, left)
  if (block.frames.length === 0 && block.next.ahead > bytes.length) {
    return readBlock(file, block.next, size, maxBytes, room)
  }
  return bytes.length === 0 && wanted > 0 ? { ...block, broken: true } : block
}

/** Up to `length` bytes at `position`; fewer only at the end of the file. */
export function readAt(file: StoredFile, position: number, length: number): Promise<Buffer> {
  return readInto(Buffer.allocUnsafeSlow(length), file, position)
}

async function readInto(buffer: Buffer, file: StoredFile, position: number): Promise<Buffer> {
  let filled = 0
  while (filled < buffer.length) {
    const count = await file.read(buffer, filled, buffer.length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return buffer.subarray(0, filled)
}

function framesIn(bytes: Buffer, from: Place, left: number): Block {
  const frames: Frame[] = []
  for (let at = 0; ; ) {
    const seq = from.seq + frames.length
    const found = findFrame(bytes, at, seq, left - at)
    if (found.kind !== 'frame') {
      const ahead = found.kind === 'partial' ? found.bytes : 0
      return { frames, next: { seq, offset: from.offset + at, ahead }, broken: found.kind === 'invalid' }
    }
    frames.push({ seq, payload: bytes.subarray(at + FRAME_HEADER, at + found.bytes) })
    at += found.bytes
  }
}
