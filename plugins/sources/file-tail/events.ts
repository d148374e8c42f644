import { compilePattern, type TextPattern } from '../../../engine/plugin.ts'
import { type Chunk, MOST_LINES } from './chunk.ts'
import { type Cut, type Framing, NO_CUT, type Skimmed, type Stretch } from './framing.ts'
import type { Multiline } from './options.ts'
import { LINE_FEED } from './split.ts'

/** Bytes of a line that the patterns see: what they say must not depend on how much of the line is there. */
const SEEN_OF_LINE = 4096

/** Several lines are a record: an event, whose end is known when the first line of the next one is there. */
export function eventFraming({ start, continue: goOn }: Multiline): Framing {
  const pattern = compiled(start ?? goOn ?? '')
  const begins: Begins = (line) => (pattern.exec(line) === null) === (start === undefined)
  return {
    beyond: 2 + SEEN_OF_LINE,
    noun: 'an event',
    cut: (stretch, columns) => cutEvents(stretch, columns, begins),
    skim: (stretch, inside) => skimEvent(stretch, inside, begins),
  }
}

/** Whether this line begins an event. */
type Begins = (line: string) => boolean

function compiled(source: string): TextPattern {
  const pattern = compilePattern(source)
  if ('fault' in pattern) throw new Error(pattern.fault)
  return pattern
}

function cutEvents(stretch: Stretch, { starts, ends }: Chunk, begins: Begins): Cut {
  const { data, from, longest, isLast, isQuiet } = stretch
  const numbers: number[] = []
  const walk = new LineWalk(stretch, begins, false)
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
    if (isNext) end(walk.at - 1, walk.at)
    if (numbers.length === MOST_LINES) return cut(false)
    walk.over()
  }
  if (isLast && (start < data.length || numbers.length === 0)) {
    if (walk.inside) walk.lines += 1
    end(walk.inside ? data.length : Math.max(start, data.length - 1), data.length)
  } else if (isQuiet && walk.hasWholeLine(start)) end(walk.at - 1, walk.at)
  return cut(walk.hasWholeLine(start))
}

function skimEvent(stretch: Stretch, inside: boolean, begins: Begins): Skimmed {
  const { data, isLast, isQuiet } = stretch
  const walk = new LineWalk(stretch, begins, inside)
  const ended = (end: number): Skimmed => ({ end, next: walk.at, lines: walk.lines, inside: false })
  if (inside) walk.over()
  for (;;) {
    const isNext = walk.isAtNext()
    if (isNext === undefined) break
    if (isNext) return ended(walk.at - 1)
    walk.over()
  }
  if (isLast) {
    const isOpen = data[data.length - 1] !== LINE_FEED
    return {
      end: isOpen ? data.length : data.length - 1,
      next: data.length,
      lines: walk.lines + Number(isOpen),
      inside,
    }
  }
  if (isQuiet && !walk.inside) return ended(walk.at - 1)
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
  readonly #begins: Begins
  #newline: number

  constructor(stretch: Stretch, begins: Begins, inside: boolean) {
    this.#stretch = stretch
    this.#begins = begins
    this.at = stretch.from
    this.inside = inside
    this.#newline = stretch.data.indexOf(LINE_FEED, this.at)
  }

  /** Bytes from `start` to here, without the newline. */
  length(start: number): number {
    return this.at - start - (this.inside || this.at === start ? 0 : 1)
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
    return isSeen ? this.#begins(textOf(data, this.at, end)) : undefined
  }

  /** To the line after the next one. */
  over(): void {
    const { data } = this.#stretch
    if (this.#newline < 0) {
      this.inside = this.inside || this.at < data.length
      this.at = data.length
      return
    }
    this.inside = false
    this.lines += 1
    this.at = this.#newline + 1
    this.#newline = data.indexOf(LINE_FEED, this.at)
  }
}

const CARRIAGE_RETURN = 0x0d

/** The part of a line that the patterns see. */
function textOf(data: Buffer, start: number, end: number): string {
  const isWindows = end > start && data[end - 1] === CARRIAGE_RETURN
  return data.toString('utf8', start, Math.min(isWindows ? end - 1 : end, start + SEEN_OF_LINE))
}
