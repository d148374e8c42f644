import { crc32 } from 'node:zlib'
import type { Frames, StoredFile } from '../../../engine/plugin.ts'
import { CHUNK_BYTES, type Chunk, type ChunkPool, MOST_LINES } from './chunk.ts'
import type { Encoding } from './encoding.ts'
import type { Cut, Framing, Stretch } from './framing.ts'
import { LongLine } from './long-line.ts'
import { BEGINNING, type Place, PROOF_BYTES } from './position.ts'
import { fill, recall } from './reading.ts'
import { framesOf } from './split.ts'

/** What one read brought. */
export type Step =
  /** Whole lines. `more`: reading on at once brings more. */
  | {
      readonly kind: 'lines'
      readonly frames: Frames
      readonly release: (() => void) | undefined
      readonly more: boolean
    }
  /** A record longer than may be, now that its end is known; the place is behind it. */
  | {
      readonly kind: 'long'
      readonly line: LongLine
      readonly at: Place
      readonly size: number
      readonly more: boolean
    }
  /** Nothing to hand over yet, but reading on brings more. */
  | { readonly kind: 'read-on' }
  /** There is no further whole line at the moment. */
  | { readonly kind: 'end' }
  /** The file is shorter than what was read of it. */
  | { readonly kind: 'shrunk' }
  /** Other bytes stand where the last lines were: the file was cut and has grown again (FT-02). */
  | { readonly kind: 'replaced' }

export interface ReadMode {
  /** Nothing will be added any more: a last line without a newline is a line. */
  readonly final: boolean
  /** Start the next read before handing over, so that disk and pipeline work at the same time. */
  readonly ahead: boolean
  /** Whole lines whose record may go on are a record: when nothing came since the last step, or at once. */
  readonly flush: 'no' | 'when-quiet' | 'at-once'
}

/** What all files of a source have in common. */
export interface Reading {
  readonly pool: ChunkPool
  readonly longest: number
  readonly encoding: Encoding
  readonly framing: Framing
}

/**
 * Reads the lines of one file, one chunk a step. Every read begins a little before the cursor: what was read there
 * before must still be there. A line that is not whole yet is read again when it has grown, so that nothing is kept
 * for files that are waited for, and the bytes of a batch are contiguous (I-6).
 */
export class LineReader {
  readonly #pool: ChunkPool
  readonly #longest: number
  readonly #framing: Framing
  readonly #encoding: Encoding
  #place: Place
  /** Where the next read goes on: `#place.offset`, or further on inside a long record. */
  #cursor: number
  /** The last bytes before the cursor; undefined after a restart, until the file has proved to be the same. */
  #recent: Buffer | undefined
  #width = USUAL_WIDTH
  #long: LongLine | undefined
  /** Lines of the long record that were read over, and whether the cursor is inside one. */
  #skimmed = { lines: 0, inside: true }
  #isOpen = false
  #ahead: Promise<Chunk> | undefined
  #seen = 0

  constructor(how: Reading, place: Place = BEGINNING) {
    this.#pool = how.pool
    this.#longest = how.longest
    this.#encoding = how.encoding
    this.#framing = how.framing
    this.#place = place
    this.#cursor = place.offset
    this.#recent = place.offset === 0 ? NOTHING : undefined
  }

  /** Where everything that was handed over ends. */
  get place(): Place {
    return this.#place
  }

  /** How far the file was read, the beginning of an unfinished line included. */
  get seen(): number {
    return this.#seen
  }

  /** Whole lines were seen that are not handed over yet, because their record may go on. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** A read is under way: the file must not be closed. */
  get busy(): boolean {
    return this.#ahead !== undefined
  }

  async step(file: StoredFile, mode: ReadMode): Promise<Step> {
    this.#recent ??= await recall(file, this.#place)
    if (this.#recent === undefined) return { kind: (await file.stat()).size < this.#cursor ? 'shrunk' : 'replaced' }
    const chunk = await this.#nextChunk(file, this.#recent, mode.final || mode.flush !== 'no')
    const step = this.#digest(chunk, this.#recent, mode)
    if (step.kind === 'lines' && step.more && mode.ahead && chunk.length === chunk.asked) this.#readAhead(file)
    if (step.kind !== 'lines' || step.release === undefined) this.#pool.give(chunk)
    return step
  }

  /** The file begins anew. */
  restart(): void {
    this.#place = BEGINNING
    this.#cursor = 0
    this.#seen = 0
    this.#recent = NOTHING
    this.#width = USUAL_WIDTH
    this.#long = undefined
    this.#isOpen = false
  }

  /** Resolves when no read is under way any more. */
  async settle(): Promise<void> {
    const chunk = await this.#ahead?.catch(() => undefined)
    if (chunk !== undefined) this.#pool.give(chunk)
    this.#ahead = undefined
  }

  #readAhead(file: StoredFile): void {
    this.#ahead = this.#read(file, this.#recent ?? NOTHING, false)
    // An error is thrown where the chunk is awaited.
    this.#ahead.catch(() => {})
  }

  async #nextChunk(file: StoredFile, recent: Buffer, whole: boolean): Promise<Chunk> {
    if (this.#ahead === undefined) return this.#read(file, recent, whole)
    const ahead = this.#ahead
    this.#ahead = undefined
    const chunk = await ahead
    if (whole) await fill(file, chunk, this.#cursor - recent.length)
    return chunk
  }

  async #read(file: StoredFile, recent: Buffer, whole: boolean): Promise<Chunk> {
    const chunk = this.#pool.take(recent.length + this.#width)
    chunk.asked = recent.length + this.#width
    const from = this.#cursor - recent.length
    chunk.length = await file.read(chunk.data, 0, chunk.asked, from)
    if (whole) await fill(file, chunk, from)
    return chunk
  }

  #digest(chunk: Chunk, recent: Buffer, mode: ReadMode): Step {
    const from = recent.length
    if (chunk.length < from) return { kind: 'shrunk' }
    if (recent.compare(chunk.data, 0, from) !== 0) return { kind: 'replaced' }
    const data = chunk.data.subarray(0, chunk.length)
    const stretch = this.#stretch(data, from, chunk.length < chunk.asked ? mode : FULL)
    this.#seen = this.#cursor - from + data.length
    const isEnd = stretch.isLast || stretch.isQuiet
    if (data.length === from && !(isEnd && this.#long)) return this.#nothing()
    if (this.#long !== undefined) return this.#skim(chunk, this.#long, stretch)
    const cut = this.#framing.cut(stretch, chunk)
    this.#isOpen = cut.isOpen
    if (cut.isTooLong) return this.#skim(chunk, this.#beginLong(stretch), stretch)
    return cut.count === 0 ? this.#await(chunk) : this.#handOver(chunk, stretch, cut)
  }

  #stretch(data: Buffer, from: number, { final, flush }: Pick<ReadMode, 'final' | 'flush'>): Stretch {
    const base = this.#cursor - from
    const { mark } = this.#encoding
    const isMarked = base + from === 0 && data.indexOf(mark) === 0
    const isQuiet = flush === 'at-once' || (flush === 'when-quiet' && base + data.length === this.#seen)
    return { data, base, from: isMarked ? mark.length : from, longest: this.#longest, isLast: final, isQuiet }
  }

  #nothing(): Step {
    this.#isOpen = this.#isOpen && this.#long !== undefined
    return { kind: 'end' }
  }

  /** A record that does not fit into the chunk is read again into a larger one, up to the longest that may be. */
  #await(chunk: Chunk): Step {
    if (chunk.length < chunk.asked) return { kind: 'end' }
    this.#width = Math.min(2 * this.#width, this.#longest + this.#framing.beyond)
    return { kind: 'read-on' }
  }

  #handOver(chunk: Chunk, { data, isLast }: Stretch, cut: Cut): Step {
    const from = this.#recent?.length ?? 0
    const base = this.#cursor - from
    const rest = data.length - cut.end
    const isFull = cut.count === MOST_LINES || rest > this.#longest
    const more = chunk.length === chunk.asked || (rest > 0 && (isLast || isFull))
    const { line } = this.#place
    const parts = { pool: this.#pool, encoding: this.#encoding }
    this.#width = widthFor((cut.end - from) / cut.count)
    this.#moveTo(data, base, cut.end, line + cut.lines)
    return { kind: 'lines', ...framesOf(chunk, data, { ...cut, from, base, line }, parts), more }
  }

  #beginLong({ data, from }: Stretch): LongLine {
    this.#skimmed = { lines: 0, inside: true }
    this.#long = new LongLine(data.subarray(from, from + this.#longest), this.#framing.noun)
    return this.#long
  }

  /** Reads over a record that is too long: only its beginning is kept (FT-08). */
  #skim(chunk: Chunk, line: LongLine, stretch: Stretch): Step {
    const { data, isLast } = stretch
    const base = this.#cursor - (this.#recent?.length ?? 0)
    const { end, next, lines, inside } = this.#framing.skim(stretch, this.#skimmed.inside)
    this.#skimmed = { lines: this.#skimmed.lines + lines, inside }
    this.#isOpen = end === undefined && !inside
    this.#width = USUAL_WIDTH
    if (end === undefined) {
      this.#cursor = base + next
      this.#recent = lastBytes(data, next)
      return chunk.length === chunk.asked ? { kind: 'read-on' } : { kind: 'end' }
    }
    const at = this.#place
    this.#long = undefined
    this.#moveTo(data, base, next, at.line + this.#skimmed.lines)
    return { kind: 'long', line, at, size: base + end - at.offset, more: !(isLast && next === data.length) }
  }

  #moveTo(data: Buffer, base: number, end: number, line: number): void {
    const offset = base + end
    this.#cursor = offset
    this.#recent = lastBytes(data, end)
    const isHead = this.#place.offset < PROOF_BYTES && base === 0
    const head = isHead ? crc32(data.subarray(0, Math.min(end, PROOF_BYTES))) : this.#place.head
    this.#place = { offset, line, head, tail: crc32(this.#recent) }
  }
}

const USUAL_WIDTH = CHUNK_BYTES - PROOF_BYTES

/** Bytes to read where records have so many: what is more than a batch of them would be read again. */
function widthFor(bytes: number): number {
  return Math.min(USUAL_WIDTH, Math.ceil(bytes * MOST_LINES))
}

const NOTHING = Buffer.alloc(0)
/** There is more behind what was read. */
const FULL = { final: false, flush: 'no' } as const

/** A copy, because the chunk is used again. */
function lastBytes(data: Buffer, end: number): Buffer {
  return Buffer.from(data.subarray(Math.max(0, end - PROOF_BYTES), end))
}
