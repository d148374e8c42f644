import type { Frames } from '../../../engine/plugin.ts'
import type { Encoding } from './encoding.ts'
import { LINE_FEED } from './split.ts'

/** Records in the encoding of their file; `lines` has the first line of each. */
type Records = Pick<Frames, 'data' | 'starts' | 'ends' | 'lines' | 'count' | 'base'>

/** The same records in UTF-8, with their bytes of the file beside them. */
export function transcode(records: Records, encoding: Encoding): Frames {
  const { data, lines, count, base } = records
  const target = Buffer.allocUnsafe(MOST_GROWTH * data.length + count)
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  let at = 0
  for (let index = 0; index < count; index++) {
    const [start, end] = [records.starts[index] as number, records.ends[index] as number]
    const text = encoding.text(data, start, end)
    starts[index] = at
    at += (end - start) % encoding.unit === 0 && !HALF.test(text) ? target.write(text, at) : spoil(target, text, at)
    ends[index] = at
    // A record that holds line feeds must not be taken for a line: see `Frames`.
    target[at++] = text.includes('\n') ? 0 : LINE_FEED
  }
  const original = { data, starts: byLine(records.starts, records), ends: byLine(records.ends, records) }
  return { data: target.subarray(0, at), starts, ends, lines, count, base, original }
}

/** Latin-1 becomes two bytes at most, and two bytes of UTF-16 three. */
const MOST_GROWTH = 2

const HALF = /\p{Surrogate}/u
const NEVER_UTF8 = Buffer.of(0xff)

/** Writes what is not valid in its encoding so that it is not valid UTF-8 either: the codec judges it. */
function spoil(target: Buffer, text: string, at: number): number {
  const pieces = text.split(HALF).flatMap((piece) => [Buffer.from(piece), NEVER_UTF8])
  const isHalf = HALF.test(text)
  return Buffer.concat(isHalf ? pieces.slice(0, -1) : pieces).copy(target, at)
}

/** A column by line number: what the codec leaves out moves the records, but not their numbers. */
function byLine(column: Uint32Array, { lines, count }: Records): Uint32Array {
  const numbered = new Uint32Array(count === 0 ? 0 : (lines[count - 1] as number) + 1)
  for (let index = 0; index < count; index++) numbered[lines[index] as number] = column[index] as number
  return numbered
}
