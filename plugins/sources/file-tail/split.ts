import type { Frames } from '../../../engine/plugin.ts'
import { type Chunk, type ChunkPool, MOST_LINES } from './chunk.ts'
import type { Encoding } from './encoding.ts'
import { transcode } from './transcode.ts'

export const LINE_FEED = 0x0a

/** Line i of a batch is the i-th after the first: the same numbers for every batch, never written to. */
export const LINE_NUMBERS = Uint32Array.from({ length: MOST_LINES }, (_, index) => index)

/**
 * Finds the whole lines of `data` from `from` on and fills the columns of the chunk; ends before a line longer than
 * `longest`. Returns how many. Carriage returns stay: which bytes are text, the codec knows (FT-06).
 *
 * `indexOf` of a byte is a fast call in Node: it beats loops in JavaScript and `Uint8Array.indexOf` for all lines
 * longer than a few bytes.
 */
export function splitLines(data: Buffer, from: number, longest: number, columns: Chunk): number {
  const { starts, ends } = columns
  let count = 0
  let start = from
  while (count < MOST_LINES) {
    const end = data.indexOf(LINE_FEED, start)
    if (end < 0 || end - start > longest) break
    starts[count] = start
    ends[count++] = end
    start = end + 1
  }
  return count
}

/** The same for an encoding whose line feed is more than a byte. */
export function splitUnits(
  bytes: { readonly data: Buffer; readonly base: number; readonly from: number; readonly longest: number },
  { starts, ends }: Chunk,
  { lineFeed, unit }: Encoding,
): number {
  let count = 0
  let start = bytes.from
  while (count < MOST_LINES) {
    const end = lineFeed(bytes.data, start, bytes.base)
    if (end < 0 || end - start > bytes.longest) break
    starts[count] = start
    ends[count++] = end
    start = end + unit
  }
  return count
}

/** Lines that were found in a chunk. */
export interface Lines {
  /** Where they begin and end in the chunk, the last newline included. */
  readonly from: number
  readonly end: number
  readonly count: number
  /** The first line of each record, counted from `line`. */
  readonly numbers: Uint32Array
  /** Where the chunk begins in the file. */
  readonly base: number
  /** The number of the first line. */
  readonly line: number
}

/**
 * The lines as frames. Few lines are copied out of their chunk: a queue that counts their bytes would else hold many
 * times as much.
 */
export function framesOf(
  chunk: Chunk,
  data: Buffer,
  lines: Lines,
  { pool, encoding }: { readonly pool: ChunkPool; readonly encoding: Encoding },
): { readonly frames: Frames; readonly release: (() => void) | undefined } {
  const { from, end, count, numbers, base, line } = lines
  const { starts, ends } = chunk
  if (!encoding.isUtf8) return { frames: transcode(copyOf(data, chunk, lines), encoding), release: undefined }
  if (numbers !== LINE_NUMBERS) unmarkLines(data, starts, ends, count)
  if (2 * (end - from) >= chunk.data.length) {
    const frames = { data, starts, ends, lines: numbers, count, base: { offset: base, line } }
    return { frames, release: () => pool.give(chunk) }
  }
  return { frames: copyOf(data, chunk, lines), release: undefined }
}

function copyOf(data: Buffer, { starts, ends }: Chunk, { from, end, count, numbers, base, line }: Lines): Frames {
  return {
    data: Buffer.from(data.subarray(from, end)),
    starts: starts.slice(0, count).map((start) => start - from),
    ends: ends.slice(0, count).map((each) => each - from),
    lines: numbers,
    count,
    base: { offset: base + from, line },
  }
}

/** A record of several lines must not be taken for a line: see `Frames`. */
function unmarkLines(data: Buffer, starts: Uint32Array, ends: Uint32Array, count: number): void {
  for (let index = 0; index < count; index++) {
    const end = ends[index] as number
    const lineFeed = data.indexOf(LINE_FEED, starts[index])
    if (lineFeed >= 0 && lineFeed < end && end < data.length) data[end] = 0
  }
}
