import type { Chunk } from './chunk.ts'
import type { Encoding } from './encoding.ts'
import { LINE_NUMBERS, splitLines, splitUnits } from './split.ts'

/** How the bytes of a file are cut into records. */
export interface Framing {
  /** Bytes behind the longest record that must be seen to know that it ends there. */
  readonly beyond: number
  /** What it calls a record in a message. */
  readonly noun: string
  /** Finds whole records and fills the columns of a chunk; ends before one that is too long. */
  cut(stretch: Stretch, columns: Chunk): Cut
  /** Reads over a record that is too long. `inside`: the stretch begins in the middle of one of its lines. */
  skim(stretch: Stretch, inside: boolean): Skimmed
}

/** The bytes that are to be cut. */
export interface Stretch {
  readonly data: Buffer
  /** Where `data` begins in the file. */
  readonly base: number
  readonly from: number
  readonly longest: number
  /** The file ends with them: what is left is a record. */
  readonly isLast: boolean
  /** Nothing came for so long that whole lines which are left are a record. */
  readonly isQuiet: boolean
}

export interface Cut {
  readonly count: number
  /** Where the last record ends, with its newline. */
  readonly end: number
  /** The first line of each record, counted from that of the stretch, and how many lines there are in all. */
  readonly numbers: Uint32Array
  readonly lines: number
  /** No record was found, because the first one is too long. */
  readonly isTooLong: boolean
  /** Behind the records stand whole lines whose record may go on. */
  readonly isOpen: boolean
}

export interface Skimmed {
  /** Where the record ends, without its newline; undefined when that is not known yet. */
  readonly end: number | undefined
  /** Where to read on, how many lines are before, and whether that is inside a line. */
  readonly next: number
  readonly lines: number
  readonly inside: boolean
}

export const NO_CUT: Cut = { count: 0, end: 0, numbers: LINE_NUMBERS, lines: 0, isTooLong: false, isOpen: false }

/** Every line is a record. */
export function lineFraming(encoding: Encoding): Framing {
  return {
    beyond: encoding.unit,
    noun: 'a line',
    cut: (stretch, columns) => cutLines(stretch, columns, encoding),
    skim: (stretch) => skimLine(stretch, encoding),
  }
}

function cutLines(stretch: Stretch, columns: Chunk, encoding: Encoding): Cut {
  const { data, base, from, longest } = stretch
  const { unit } = encoding
  const count =
    unit === 1 ? splitLines(data, from, longest, columns) : splitUnits({ data, base, from, longest }, columns, encoding)
  if (count === 0) return cutOneLine(stretch, columns, encoding)
  return { ...NO_CUT, count, lines: count, end: (columns.ends[count - 1] ?? 0) + unit }
}

/** There is no whole line, or it is too long. */
function cutOneLine({ data, base, from, longest, isLast }: Stretch, { starts, ends }: Chunk, encoding: Encoding): Cut {
  const newline = encoding.lineFeed(data, from, base)
  if ((newline < 0 ? data.length : newline) - from > longest) return { ...NO_CUT, isTooLong: true }
  if (!isLast) return NO_CUT
  starts[0] = Math.min(from, data.length)
  ends[0] = data.length
  return { ...NO_CUT, count: 1, lines: 1, end: data.length }
}

function skimLine({ data, base, from, isLast }: Stretch, { lineFeed, unit }: Encoding): Skimmed {
  const newline = lineFeed(data, from, base)
  if (newline >= 0) return { end: newline, next: newline + unit, lines: 1, inside: false }
  const { length } = data
  // Half a line feed may stand at the end.
  const next = isLast ? length : Math.max(from, length - (unit - 1))
  return { end: isLast ? length : undefined, next, lines: isLast ? 1 : 0, inside: true }
}
