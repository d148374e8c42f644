import { compilePattern, type TextPattern } from '../../../engine/plugin.ts'
import { type Chunk, MOST_LINES } from './chunk.ts'
import type { Encoding } from './encoding.ts'
import { type Cut, type Framing, NO_CUT, type Skimmed, type Stretch } from './framing.ts'
import type { Multiline } from './options.ts'

/** Bytes of a line that the patterns see: what they say must not depend on how much of the line is there. */
const SEEN_OF_LINE = 4096

/** Several lines are a record: an event, whose end is known when the first line of the next one is there. */
export function eventFraming({ start, continue: goOn }: Multiline, encoding: Encoding): Framing {
  const pattern = compiled(start ?? goOn ?? '')
  const begins = (line: string) => (pattern.exec(line) === null) === (start === undefined)
  const reading = { begins, encoding }
  return {
    beyond: 2 * encoding.unit + SEEN_OF_LINE,
    noun: 'an event',
    cut: (stretch, columns) => cutEvents(stretch, columns, reading),
    skim: (stretch, inside) => skimEvent(stretch, inside, reading),
  }
}

interface Reading {
  /** Whether this line begins an event. */
  readonly begins: (line: string) => boolean
  readonly encoding: Encoding
}

function compiled(source: string): TextPattern {
  const pattern = compilePattern(source)
  if ('fault' in pattern) throw new Error(pattern.fault)
  return pattern
}

function cutEvents(stretch: Stretch, { starts, ends }: Chunk, reading: Reading): Cut {
  const { data, from, longest, isLast, isQuiet } = stretch
  const numbers: number[] = []
  const walk = new LineWalk(stretch, reading, false)
  const { unit } = reading.encoding
  let start = from
  let line = 0
  const end = (until: number, next: number) => {
    starts[numbers.length] = start
    ends[numbers.length] = until
    numbers.push(line)
    start = next
    line = walk.lines
  }
  const cut = (isOpen: boolean): Cut => {
    const count = numbers.length
    return { count, end: start, numbers: Uint32Array.from(numbers), lines: line, isTooLong: false, isOpen }
  }
  walk.over()
  for (;;) {
    if (walk.length(start) > longest) return numbers.length === 0 ? { ...NO_CUT, isTooLong: true } : cut(false)
    const isNext = walk.isAtNext()
    if (isNext === undefined) break
    if (isNext) end(walk.at - unit, walk.at)
    if (numbers.length === MOST_LINES) return cut(false)
    walk.over()
  }
  if (isLast && (start < data.length || numbers.length === 0)) {
    if (walk.inside) walk.lines += 1
    end(walk.inside ? data.length : Math.max(start, data.length - unit), data.length)
  } else if (isQuiet && walk.hasWholeLine(start)) end(walk.at - unit, walk.at)
  return cut(walk.hasWholeLine(start))
}

function skimEvent(stretch: Stretch, inside: boolean, reading: Reading): Skimmed {
  const { data, isLast, isQuiet } = stretch
  const { unit } = reading.encoding
  const walk = new LineWalk(stretch, reading, inside)
  const ended = (end: number): Skimmed => ({ end, next: walk.at, lines: walk.lines, inside: false })
  if (inside) walk.over()
  for (;;) {
    const isNext = walk.isAtNext()
    if (isNext === undefined) break
    if (isNext) return ended(walk.at - unit)
    walk.over()
  }
  if (isLast) {
    const end = walk.inside ? data.length : data.length - unit
    return { end, next: data.length, lines: walk.lines + Number(walk.inside), inside }
  }
  if (isQuiet && !walk.inside) return ended(walk.at - unit)
  return { end: undefined, next: walk.at, lines: walk.lines, inside: walk.inside }
}

/** Goes over the lines of a stretch, one after the other. */
class LineWalk {
  /** Where the line begins that comes next; inside a line whose end is not there, the end of the bytes. */
  at: number
  /** Lines that were gone over. */
  lines = 0
  inside: boolean
  readonly #stretch: Stretch
  readonly #reading: Reading
  #newline: number

  constructor(stretch: Stretch, reading: Reading, inside: boolean) {
    this.#stretch = stretch
    this.#reading = reading
    this.at = stretch.from
    this.inside = inside
    this.#newline = this.#nextNewline()
  }

  /** Bytes from `start` to here, without the newline. */
  length(start: number): number {
    return this.at - start - (this.inside || this.at === start ? 0 : this.#reading.encoding.unit)
  }

  /** There is at least one whole line since `start`, and nothing else. */
  hasWholeLine(start: number): boolean {
    return !this.inside && this.at > start
  }

  /** Whether the next line begins an event; undefined when it is not there, or not enough of it. */
  isAtNext(): boolean | undefined {
    const { data, isLast } = this.#stretch
    if (this.inside || this.at === data.length) return undefined
    const end = this.#newline < 0 ? data.length : this.#newline
    const isSeen = this.#newline >= 0 || isLast || end - this.at > SEEN_OF_LINE
    return isSeen ? this.#reading.begins(textOf(data, this.at, end, this.#reading.encoding)) : undefined
  }

  /** To the line after the next one. */
  over(): void {
    const { data, isLast } = this.#stretch
    const { unit } = this.#reading.encoding
    if (this.#newline < 0) {
      this.inside = this.inside || this.at < data.length
      // Half a line feed may stand at the end.
      this.at = isLast ? data.length : Math.max(this.at, data.length - (unit - 1))
      return
    }
    this.inside = false
    this.lines += 1
    this.at = this.#newline + unit
    this.#newline = this.#nextNewline()
  }

  #nextNewline(): number {
    return this.#reading.encoding.lineFeed(this.#stretch.data, this.at, this.#stretch.base)
  }
}

/** The part of a line that the patterns see. */
function textOf(data: Buffer, start: number, end: number, encoding: Encoding): string {
  if (end - start > SEEN_OF_LINE) return encoding.text(data, start, start + SEEN_OF_LINE)
  const text = encoding.text(data, start, end)
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
