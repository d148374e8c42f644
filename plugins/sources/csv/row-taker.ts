import { isUtf8 } from 'node:buffer'
import { csv, type Failure, RecordError } from '../../../engine/plugin.ts'
import type { Chunk } from './input-file.ts'
import type { RowCodec } from './row-codec.ts'
import type { RowPlaces } from './row-places.ts'
import { originOf, type Rows } from './rows.ts'

/** The rows at the beginning of a chunk. */
export interface Taken {
  readonly failed: readonly Failure[]
  /** What they take of the chunk, empty lines included. */
  readonly bytes: number
  readonly lines: number
  /** Why no more was taken: enough, the chunk ends in a row, or in a line that is too long already. */
  readonly stopped: 'enough' | 'partial' | 'long'
}

/** Rows are looked for in text that is made of this much at a time. */
const WINDOW = 16 * 1024

/** Finds and checks the rows of chunks. */
export class RowTaker {
  readonly #scanner: csv.RowScanner
  readonly #codec: RowCodec
  readonly #longest: number

  constructor(codec: RowCodec, dialect: csv.Dialect, longest: number) {
    this.#scanner = new csv.RowScanner(dialect, longest)
    this.#codec = codec
    this.#longest = longest
  }

  /** At most `most` rows, whose places are added to the empty `places`. */
  take({ data, final }: Chunk, rows: Rows, most: number, places: RowPlaces): Taken {
    const scanner = this.#scanner
    const text = new ChunkText(data)
    const failed: Failure[] = []
    let stopped: Taken['stopped'] = 'enough'
    let line = 0
    let at = 0
    this.#look(text, 0, WINDOW, final)
    while (at < data.length && places.count + failed.length < most) {
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
        const error =
          kind === 'plain' || kind === 'quoted'
            ? this.#check(text, at, end, kind === 'plain', places)
            : this.#refuse(kind, end - at)
        if (error === undefined) places.add(at, end, line, places.count + failed.length)
        else failed.push(failureOf(error, data.subarray(at, end), originOf(rows, at, line)))
      }
      line += scanner.lines
      at = text.from + scanner.next
    }
    return { failed, bytes: at, lines: line, stopped }
  }

  #look(text: ChunkText, from: number, width: number, final: boolean): void {
    text.look(from, width)
    this.#scanner.begin(text.bytes, final && text.to === text.data.length)
  }

  #check(text: ChunkText, start: number, end: number, isPlain: boolean, places: RowPlaces): RecordError | undefined {
    if (!text.isUtf8(start, end)) return new RecordError('SR_TEXT_ENCODING', 'not valid UTF-8')
    return this.#codec.check(text.data, start, end, isPlain, places)
  }

  #refuse(kind: 'broken' | 'long', size: number): RecordError {
    if (kind === 'broken') return new RecordError('SR_CSV_INVALID', `not a row: ${this.#scanner.fault}`)
    return tooLong(size, this.#longest)
  }
}

function failureOf(error: RecordError, row: Uint8Array, origin: Failure['origin']): Failure {
  const raw = Buffer.from(row.subarray(0, MOST_KEPT))
  return raw.length < row.length ? { error, raw, size: row.length, origin } : { error, raw, origin }
}

/** Bytes of a row that was refused in its dead letter. */
export const MOST_KEPT = 64 * 1024

export function tooLong(size: number, longest: number): RecordError {
  const [is, may] = [size, longest].map((bytes) => bytes.toLocaleString('en'))
  return new RecordError('SR_CSV_TOO_LONG', `a row of ${is} bytes; at most ${may} may be`)
}

/** The bytes of a chunk as text, a window at a time, one character a byte. */
class ChunkText {
  readonly data: Buffer
  from = 0
  to = 0
  bytes = ''
  /** Where the last line begins: only up to there is it known that no character is cut in two. */
  readonly #lastLine: number
  readonly #isText: boolean

  constructor(data: Buffer) {
    this.data = data
    this.#lastLine = data.lastIndexOf(LINE_FEED) + 1
    this.#isText = isUtf8(data.subarray(0, this.#lastLine))
  }

  look(from: number, width: number): void {
    this.from = from
    this.to = Math.min(this.data.length, from + width)
    this.bytes = this.data.toString('latin1', from, this.to)
  }

  isUtf8(start: number, end: number): boolean {
    return (this.#isText && end <= this.#lastLine) || isUtf8(this.data.subarray(start, end))
  }
}

const LINE_FEED = 0x0a
