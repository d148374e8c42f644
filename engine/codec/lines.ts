import { RecordError } from '../errors.ts'
import type { Codec } from './index.ts'

const LINE_FEED = '\n'
const CARRIAGE_RETURN = 0x0d
const HALF_CHARACTER = /\p{Surrogate}/u

/**
 * Text, one record a line. Every frame is a record: nothing is looked at, so nothing can be wrong with it. FT-07: bytes
 * that are not UTF-8 pass as they are, and are U+FFFD for whoever looks; to refuse them would take a look at every line.
 */
export function linesCodec(): Codec {
  const codec: Codec = {
    name: 'lines',
    check: (frames, from) => ({ good: { ...frames, codec, ...from }, failed: [] }),
    decode(data, start, end) {
      const isWindows = end > start && data[end - 1] === CARRIAGE_RETURN
      return data.toString('utf8', start, isWindows ? end - 1 : end)
    },
    encode(value) {
      if (typeof value !== 'string') {
        throw new RecordError('SR_ENCODE_FAILED', 'codec lines writes text only: the value is not a string')
      }
      if (value.includes(LINE_FEED)) {
        throw new RecordError('SR_ENCODE_FAILED', 'codec lines writes one line a record: the text holds a line feed')
      }
      if (HALF_CHARACTER.test(value)) {
        throw new RecordError('SR_ENCODE_FAILED', 'codec lines writes UTF-8: the text holds half a surrogate pair')
      }
      return value
    },
  }
  return codec
}
