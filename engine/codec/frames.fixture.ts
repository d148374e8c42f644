import type { Frames } from '../frames.ts'

/** The lines of a buffer as a source frames them: each ends before a line feed, or at the end of the buffer. */
export function framesOf(bytes: string | Uint8Array, base = { offset: 0, line: 1 }): Frames {
  const data = Buffer.from(bytes)
  const starts: number[] = []
  const ends: number[] = []
  for (let start = 0; start < data.length; ) {
    const found = data.indexOf(0x0a, start)
    const end = found === -1 ? data.length : found
    starts.push(start)
    ends.push(end)
    start = end + 1
  }
  const lines = Uint32Array.from(starts, (_, index) => index)
  return { data, starts: Uint32Array.from(starts), ends: Uint32Array.from(ends), lines, count: starts.length, base }
}
