import { crc32 } from 'node:zlib'
import type { Frames, StoredFile } from '../../../engine/plugin.ts'
import { CHUNK_BYTES, type Chunk, type ChunkPool, MOST_LINES } from './chunk.ts'
import { LongLine } from './long-line.ts'
import { BEGINNING, type Place, PROOF_BYTES } from './position.ts'
import { framesOf, LINE_FEED, splitLines } from './split.ts'

/** What one read brought. */
export type Step =
  /** Whole lines. `more`: reading on at once brings more. */
  | {
      readonly kind: 'lines'
      readonly frames: Frames
      readonly release: (() => void) | undefined
      readonly more: boolean
    }
  /** A line longer than may be, now that its end is known; the place is behind it. */
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
}

/**
 * Reads the lines of one file, one chunk a step. Every read begins a little before the cursor: what was read there
 * before must still be there. A line that is not whole yet is read again when it has grown, so that nothing is kept
 * for files that are waited for, and the bytes of a batch are contiguous (I-6).
 */
export class LineReader {
  readonly #pool: ChunkPool
  readonly #longest: number
  #place: Place
  /** Where the next read goes on: `#place.offset`, or further on inside a long line. */
  #cursor: number
  /** The last bytes before the cursor; undefined after a restart, until the file has proved to be the same. */
  #recent: Buffer | undefined
  #width = USUAL_WIDTH
  #long: LongLine | undefined
  #ahead: Promise<Chunk> | undefined
  #seen = 0

  constructor(pool: ChunkPool, longest: number, place: Place = BEGINNING) {
    this.#pool = pool
    this.#longest = longest
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

  /** A read is under way: the file must not be closed. */
  get busy(): boolean {
    return this.#ahead !== undefined
  }

  async step(file: StoredFile, mode: ReadMode): Promise<Step> {
    this.#recent ??= await recall(file, this.#place)
    if (this.#recent === undefined) return { kind: (await file.stat()).size < this.#cursor ? 'shrunk' : 'replaced' }
    const chunk = await this.#nextChunk(file, this.#recent, mode.final)
    const step = this.#digest(chunk, this.#recent, mode.final)
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

  async #nextChunk(file: StoredFile, recent: Buffer, final: boolean): Promise<Chunk> {
    if (this.#ahead === undefined) return this.#read(file, recent, final)
    const ahead = this.#ahead
    this.#ahead = undefined
    const chunk = await ahead
    if (final) await fill(file, chunk, this.#cursor - recent.length)
    return chunk
  }

  async #read(file: StoredFile, recent: Buffer, final: boolean): Promise<Chunk> {
    const chunk = this.#pool.take(recent.length + this.#width)
    const from = this.#cursor - recent.length
    chunk.length = await file.read(chunk.data, 0, chunk.asked, from)
    if (final) await fill(file, chunk, from)
    return chunk
  }

  #digest(chunk: Chunk, recent: Buffer, final: boolean): Step {
    const from = recent.length
    if (chunk.length < from) return { kind: 'shrunk' }
    if (recent.compare(chunk.data, 0, from) !== 0) return { kind: 'replaced' }
    const data = chunk.data.subarray(0, chunk.length)
    this.#seen = this.#cursor - from + data.length
    const isLast = final && chunk.length < chunk.asked
    if (data.length === from && !(isLast && this.#long)) return { kind: 'end' }
    const newline = data.indexOf(LINE_FEED, from)
    const end = newline < 0 ? data.length : newline
    if (this.#long !== undefined || end - from > this.#longest) return this.#skim(chunk, data, newline, isLast)
    if (newline < 0 && !isLast) return this.#await(chunk)
    return this.#split(chunk, data, isLast)
  }

  /** A line that does not fit into the chunk is read again into a larger one, up to the longest that may be. */
  #await(chunk: Chunk): Step {
    if (chunk.length < chunk.asked) return { kind: 'end' }
    this.#width = Math.min(2 * this.#width, this.#longest + 1)
    return { kind: 'read-on' }
  }

  #split(chunk: Chunk, data: Buffer, isLast: boolean): Step {
    const base = this.#cursor - (this.#recent?.length ?? 0)
    const from = this.#place.offset - base
    const first = base + from === 0 && data.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : from
    let count = splitLines(data, first, this.#longest, chunk)
    let end = (chunk.ends[count - 1] ?? 0) + 1
    if (count === 0) {
      chunk.starts[0] = Math.min(first, data.length)
      chunk.ends[0] = end = data.length
      count = 1
    }
    const rest = data.length - end
    const more = chunk.length === chunk.asked || (rest > 0 && (isLast || count === MOST_LINES || rest > this.#longest))
    const line = this.#place.line
    this.#width = USUAL_WIDTH
    this.#moveTo(data, base, end, line + count)
    return { kind: 'lines', ...framesOf(chunk, data, { from, end, count, base, line }, this.#pool), more }
  }

  /** Reads over a line that is too long: only its beginning is kept (FT-08). */
  #skim(chunk: Chunk, data: Buffer, newline: number, isLast: boolean): Step {
    const from = this.#recent?.length ?? 0
    const base = this.#cursor - from
    const end = newline < 0 ? data.length : newline
    this.#long ??= new LongLine(data.subarray(from, from + this.#longest))
    const full = chunk.length === chunk.asked
    this.#width = USUAL_WIDTH
    if (newline < 0 && !isLast) {
      this.#cursor = base + end
      this.#recent = lastBytes(data, end)
      return full ? { kind: 'read-on' } : { kind: 'end' }
    }
    const [line, at] = [this.#long, this.#place]
    this.#long = undefined
    this.#moveTo(data, base, newline < 0 ? end : end + 1, at.line + 1)
    return { kind: 'long', line, at, size: base + end - at.offset, more: newline >= 0 }
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
const NOTHING = Buffer.alloc(0)
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** The bytes before `place` in `file`; undefined when they are not those that the place tells of. */
async function recall(file: StoredFile, place: Place): Promise<Buffer | undefined> {
  const length = Math.min(place.offset, PROOF_BYTES)
  const head = await readExactly(file, 0, length)
  const tail = await readExactly(file, place.offset - length, length)
  return crc32(head) === place.head && crc32(tail) === place.tail ? tail : undefined
}

async function readExactly(file: StoredFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let there = 0
  while (there < length) {
    const count = await file.read(bytes, there, length - there, position + there)
    if (count === 0) break
    there += count
  }
  return bytes.subarray(0, there)
}

/** A read may bring fewer bytes than there are: only one that brings none is the end. */
async function fill(file: StoredFile, chunk: Chunk, from: number): Promise<void> {
  while (chunk.length < chunk.asked) {
    const count = await file.read(chunk.data, chunk.length, chunk.asked - chunk.length, from + chunk.length)
    if (count === 0) return
    chunk.length += count
  }
}

/** A copy, because the chunk is used again. */
function lastBytes(data: Buffer, end: number): Buffer {
  return Buffer.from(data.subarray(Math.max(0, end - PROOF_BYTES), end))
}
