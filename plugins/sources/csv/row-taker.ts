import { isAscii, isUtf8 } from 'node:buffer'
import { csv, type Failure, type JsonObject, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import type { Chunk } from './input-file.ts'
import { CsvRecord, originOf, type Rows } from './record.ts'
import type { RowMaker } from './row-maker.ts'

/** The rows at the beginning of a chunk. */
export interface Taken {
  readonly records: readonly StreamRecord[]
  readonly failed: readonly Failure[]
  /** What they take of the chunk, empty lines included. */
  readonly bytes: number
  readonly lines: number
  /** Why no more was taken: enough, the chunk ends in a row, or in a line that is too long already. */
  readonly stopped: 'enough' | 'partial' | 'long'
}

/** Text is made of this much at a time: a field that somebody keeps may keep that much, and no more, from being freed. */
const WINDOW = 4096

/** Finds and makes the rows of chunks. */
export class RowTaker {
  readonly #scanner: csv.RowScanner
  readonly #maker: RowMaker
  readonly #longest: number

  constructor(maker: RowMaker, dialect: csv.Dialect, longest: number) {
    this.#scanner = new csv.RowScanner(dialect, longest)
    this.#maker = maker
    this.#longest = longest
  }

  /** At most `most` rows. */
  take({ data, final }: Chunk, batch: Rows, most: number): Taken {
    const scanner = this.#scanner
    const text = new ChunkText(data)
    const records: StreamRecord[] = []
    const failed: Failure[] = []
    let stopped: Taken['stopped'] = 'enough'
    let line = 0
    let at = 0
    this.#look(text, 0, WINDOW, final)
    while (at < data.length && records.length + failed.length < most) {
      const from = at - text.from
      const kind = scanner.scan(from)
      if (kind === 'partial' || (kind === 'long' && scanner.next < 0)) {
        stopped = kind
        if (text.to === data.length) break
        // A window that begins with this row, wide enough for more than was seen of it.
        this.#look(text, at, from === 0 ? 2 * (text.to - at) : WINDOW, final)
        stopped = 'enough'
        continue
      }
      if (kind !== 'blank') {
        const end = text.from + scanner.end
        const made = kind === 'plain' || kind === 'quoted' ? this.#make(text, from, kind) : this.#refuse(kind, end - at)
        if (made instanceof RecordError) failed.push(this.#failure(made, batch, at, end, line))
        else records.push(new CsvRecord(batch, made, { start: at, end, line, row: records.length + failed.length }))
      }
      line += scanner.lines
      at = text.from + scanner.next
    }
    return { records, failed, bytes: at, lines: line, stopped }
  }

  #look(text: ChunkText, from: number, width: number, final: boolean): void {
    text.look(from, width)
    this.#scanner.begin(text.bytes, final && text.to === text.data.length)
  }

  #make(text: ChunkText, from: number, kind: 'plain' | 'quoted'): JsonObject | RecordError {
    const { end } = this.#scanner
    if (text.isAscii) return this.#maker.make(text.bytes, from, end, kind)
    const row = text.decode(from, end)
    if (row === undefined) return new RecordError('SR_TEXT_ENCODING', 'not valid UTF-8')
    return this.#maker.make(row, 0, row.length, kind)
  }

  #refuse(kind: 'broken' | 'long', size: number): RecordError {
    if (kind === 'broken') return new RecordError('SR_CSV_INVALID', `not a row: ${this.#scanner.fault}`)
    return tooLong(size, this.#longest)
  }

  #failure(error: RecordError, batch: Rows, start: number, end: number, line: number): Failure {
    const raw = Buffer.from(batch.data.subarray(start, Math.min(end, start + MOST_KEPT)))
    const origin = originOf(batch, start, line)
    return raw.length < end - start ? { error, raw, size: end - start, origin } : { error, raw, origin }
  }
}

/** Bytes of a row that was refused in its dead letter. */
export const MOST_KEPT = 64 * 1024

export function tooLong(size: number, longest: number): RecordError {
  const [is, may] = [size, longest].map((bytes) => bytes.toLocaleString('en'))
  return new RecordError('SR_CSV_TOO_LONG', `a row of ${is} bytes; at most ${may} may be`)
}

/** The bytes of a chunk as text, a window at a time, one character a byte: what is ASCII is its own text. */
class ChunkText {
  readonly data: Buffer
  from = 0
  to = 0
  bytes = ''
  isAscii = true
  readonly #isAscii: boolean
  /** Where the last line begins: only up to there is it known that no character is cut in two. */
  readonly #lastLine: number
  readonly #isText: boolean

  constructor(data: Buffer) {
    this.data = data
    this.#isAscii = isAscii(data)
    this.#lastLine = data.lastIndexOf(LINE_FEED) + 1
    this.#isText = this.#isAscii || isUtf8(data.subarray(0, this.#lastLine))
  }

  look(from: number, width: number): void {
    this.from = from
    this.to = Math.min(this.data.length, from + width)
    this.bytes = this.data.toString('latin1', from, this.to)
    this.isAscii = this.#isAscii || isAscii(this.data.subarray(from, this.to))
  }

  /** Undefined when it is not UTF-8. */
  decode(from: number, to: number): string | undefined {
    const [start, end] = [this.from + from, this.from + to]
    const isProved = this.#isText && end <= this.#lastLine
    if (!isProved && !isUtf8(this.data.subarray(start, end))) return undefined
    return this.data.toString('utf8', start, end)
  }
}

const LINE_FEED = 0x0a
