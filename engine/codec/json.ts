import { isUtf8 } from 'node:buffer'
import { RecordError } from '../errors.ts'
import { type FieldPlaces, Looks } from '../fields.ts'
import { type Frames, frameBytes, framePosition } from '../frames.ts'
import type { Failure } from '../plugin.ts'
import type { Codec } from './index.ts'
import { jsonFields } from './json-fields.ts'
import { JsonScanner, MAX_DEPTH } from './json-scanner.ts'

/**
 * One JSON value a record, white space around it allowed. Every record is checked byte by byte, so that a broken one is
 * a dead letter even where nobody looks into it; it is parsed only where somebody does.
 */
export function jsonCodec(): Codec {
  const scanner = new JsonScanner()
  const looks = new Looks()
  const codec: Codec = {
    name: 'json',
    check(frames, from) {
      if (frames.checkedBy === codec.name) return { good: { ...frames, codec, looks, ...from }, failed: [] }
      const { lines, count } = frames
      const places = looks.placesFor(count === 0 ? 0 : (lines[count - 1] as number) + 1)
      const verdict = judge(frames, scanner, from, places)
      return { good: { ...frames, ...verdict.columns, codec, looks, places, ...from }, failed: verdict.failed }
    },
    // `__proto__` and the like become own properties of the value, nothing else (CF-10).
    decode: (data, start, end) => JSON.parse(data.toString('utf8', start, end)),
    fields: jsonFields(),
    decodeText: (text) => JSON.parse(text),
    encode: encodeJson,
  }
  return codec
}

type From = Parameters<Codec['check']>[1]
type Columns = Pick<Frames, 'starts' | 'ends' | 'lines' | 'count'>

interface Verdict {
  /** Of the good frames; left out when all of them are. */
  readonly columns?: Columns
  readonly failed: readonly Failure[]
}

/** Allocates only from the first frame on that is not good. */
function judge(frames: Frames, scanner: JsonScanner, from: From, places: FieldPlaces | undefined): Verdict {
  const { data, starts, ends, lines, count } = frames
  const isText = count === 0 || isUtf8(data.subarray(starts[0] as number, ends[count - 1] as number))
  for (let index = 0; index < count; index++) {
    const start = starts[index] as number
    const end = ends[index] as number
    places?.begin(lines[index] as number)
    const isGood = scanner.scan(data, start, end, places) === 'value' && (isText || isUtf8(data.subarray(start, end)))
    if (!isGood) return judgeRest(frames, index, scanner, from, places)
  }
  return { failed: [] }
}

/** All frames before `first` are good. */
function judgeRest(
  frames: Frames,
  first: number,
  scanner: JsonScanner,
  from: From,
  places: FieldPlaces | undefined,
): Verdict {
  const { starts, ends, lines } = frames
  const kept = { starts: starts.slice(0, frames.count), ends: ends.slice(0, frames.count), lines: lines.slice() }
  const failed: Failure[] = []
  let count = first
  for (let index = first; index < frames.count; index++) {
    const result = judgeFrame(frames, index, scanner, places)
    if (result === 'good') {
      kept.starts[count] = starts[index] as number
      kept.ends[count] = ends[index] as number
      kept.lines[count++] = lines[index] as number
    } else if (result !== 'blank') failed.push(failureOf(result, frames, index, from))
  }
  return { columns: { ...kept, count }, failed }
}

function judgeFrame(
  frames: Frames,
  index: number,
  scanner: JsonScanner,
  places: FieldPlaces | undefined,
): 'good' | 'blank' | RecordError {
  const start = frames.starts[index] as number
  const end = frames.ends[index] as number
  if (!isUtf8(frames.data.subarray(start, end))) return new RecordError('SR_TEXT_ENCODING', notText(frames))
  places?.begin(frames.lines[index] as number)
  const found = scanner.scan(frames.data, start, end, places)
  if (found !== 'fault') return found === 'value' ? 'good' : 'blank'
  return new RecordError('SR_JSON_INVALID', describeFault(frames.data, start, end, scanner))
}

function notText({ original }: Frames): string {
  return original === undefined ? 'not valid UTF-8' : 'not valid in the encoding of its source'
}

function failureOf(error: RecordError, frames: Frames, index: number, { component, partition }: From): Failure {
  const raw = frameBytes(frames, index)
  return { error, raw, origin: { component, partition, position: framePosition(frames, index) } }
}

/** `unexpected "}" at byte 17`, counted from 1: what kind of character it is, but no text of the record (J-7). */
function describeFault(data: Buffer, start: number, end: number, { faultAt, tooDeep }: JsonScanner): string {
  const at = `at byte ${faultAt - start + 1}`
  if (tooDeep) return `nested deeper than ${MAX_DEPTH.toLocaleString('en')} ${at}`
  return faultAt === end ? `unexpected end ${at}` : `unexpected ${nameOf(data[faultAt] as number)} ${at}`
}

function nameOf(byte: number): string {
  const character = String.fromCharCode(byte)
  if (/[a-z]/i.test(character)) return 'letter'
  if (/\d/.test(character)) return 'digit'
  if (character === '"') return 'quote'
  if (byte > 0x20 && byte < 0x7f) return `"${character}"`
  if (byte === 0x20) return 'space'
  return byte >= 0x80 ? 'character beyond ASCII' : `control character 0x${byte.toString(16).padStart(2, '0')}`
}

function encodeJson(value: unknown): string {
  const text = stringify(value)
  if (text === undefined) throw new RecordError('SR_ENCODE_FAILED', `codec json has no form for ${typeof value}`)
  return text
}

function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (cause) {
    // A circle, or a BigInt.
    throw new RecordError('SR_ENCODE_FAILED', 'the value has no form in JSON', { cause })
  }
}
