import type { Failure } from '../../../engine/plugin.ts'
import type { InputFile } from './input-file.ts'
import { type Place, placeBehind } from './position.ts'
import { MOST_KEPT, tooLong } from './row-taker.ts'
import { originOf, type Rows } from './rows.ts'

/** Reads over a line that is too long to be held, of which only the beginning is kept (CS-04). */
export async function skipLine(
  file: InputFile,
  from: Place,
  { rows, longest, width }: { readonly rows: Rows; readonly longest: number; readonly width: number },
): Promise<{ readonly failure: Failure; readonly behind: Place }> {
  let raw = Buffer.alloc(0)
  for (let offset = from.offset; ; ) {
    const { data, final } = await file.readOn(offset, width)
    const feed = data.indexOf(LINE_FEED)
    const end = feed < 0 ? data.length : feed
    if (raw.length < MOST_KEPT) raw = Buffer.concat([raw, data.subarray(0, Math.min(end, MOST_KEPT - raw.length))])
    if (feed >= 0 || final) {
      const size = offset + end - from.offset
      const failure = { error: tooLong(size, longest), raw, size, origin: originOf(rows, 0, 0) }
      const before = { ...from, offset }
      return { failure, behind: placeBehind(before, data, feed < 0 ? end : end + 1, 1) }
    }
    offset += data.length
  }
}

const LINE_FEED = 0x0a
