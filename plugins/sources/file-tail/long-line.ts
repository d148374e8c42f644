import { type Failure, type Frames, RecordError } from '../../../engine/plugin.ts'
import type { Encoding } from './encoding.ts'
import type { Place } from './position.ts'
import { LINE_FEED, LINE_NUMBERS } from './split.ts'
import { transcode } from './transcode.ts'

/** A line or an event longer than `max_line_bytes`: its beginning, while the rest is read over. */
export class LongLine {
  readonly #beginning: Buffer
  readonly #noun: string

  constructor(beginning: Buffer, noun: string) {
    this.#beginning = Buffer.from(beginning)
    this.#noun = noun
  }

  /** Its beginning as a record, without half a character at the end. */
  cut(at: Place, encoding: Encoding): Frames {
    const end = encoding.whole(this.#beginning)
    const data = Buffer.alloc(end + 1, this.#beginning.includes(LINE_FEED) ? 0 : LINE_FEED)
    this.#beginning.copy(data, 0, 0, end)
    const [starts, ends] = [Uint32Array.of(0), Uint32Array.of(end)]
    const frames = { data, starts, ends, lines: LINE_NUMBERS, count: 1, base: { offset: at.offset, line: at.line } }
    return encoding.isUtf8 ? frames : transcode(frames, encoding)
  }

  /** The line as a dead letter. */
  refuse(from: { component: string; partition: string; at: Place; size: number }): Failure {
    const { component, partition, at, size } = from
    const limit = this.#beginning.length.toLocaleString('en')
    return {
      error: new RecordError(
        'SR_LINE_TOO_LONG',
        `${this.#noun} of ${size.toLocaleString('en')} bytes; at most ${limit} may be`,
      ),
      raw: Buffer.from(this.#beginning.subarray(0, MOST_KEPT)),
      size,
      origin: { component, partition, position: { offset: at.offset, line: at.line } },
    }
  }
}

/** Bytes of a long line in its dead letter. */
const MOST_KEPT = 64 * 1024
