import { FramedRecord } from '../framed-record.ts'
import { ExtendedRecord, type JsonObject, type StreamRecord } from '../record.ts'

/** A JSON object in its own bytes, and what follows them: the text that begins where its last brace was. */
export interface Splice {
  readonly data: Buffer
  readonly start: number
  /** Where the last brace stands. */
  readonly end: number
  readonly text: string
}

/**
 * How a record with added fields is written without being put together as an object: undefined where what it was made
 * from has no bytes in JSON any more, or has line feeds in them.
 */
export function spliceOf(record: StreamRecord): Splice | undefined {
  if (!(record instanceof ExtendedRecord)) return undefined
  let text = '}'
  let base: StreamRecord = record
  for (; base instanceof ExtendedRecord; base = base.parent) text = fieldsOf(base.added) + text
  const bytes = bytesOf(base)
  if (bytes === undefined) return undefined
  const { data, start } = bytes
  const end = data.lastIndexOf(CLOSING, bytes.end - 1)
  return { data, start, end, text: text.startsWith(',') && isEmptyBefore(data, end) ? text.slice(1) : text }
}

function fieldsOf(added: JsonObject): string {
  let text = ''
  for (const name of Object.keys(added)) text += `,${JSON.stringify(name)}:${JSON.stringify(added[name])}`
  return text
}

function bytesOf(record: StreamRecord): { data: Buffer; start: number; end: number } | undefined {
  if (record instanceof FramedRecord) {
    const { frames, start, end } = record
    // A line feed behind it says that there is none in it.
    return frames.codec.name === 'json' && frames.data[end] === LINE_FEED
      ? { data: frames.data, start, end }
      : undefined
  }
  const { raw, format } = record
  if (format !== 'json' || !raw || raw.includes(LINE_FEED)) return undefined
  return { data: Buffer.from(raw.buffer, raw.byteOffset, raw.length), start: 0, end: raw.length }
}

/** White space may stand between the braces of an object without fields. */
function isEmptyBefore(data: Buffer, end: number): boolean {
  let at = end - 1
  while (at > 0 && (data[at] as number) <= SPACE) at -= 1
  return data[at] === OPENING
}

const OPENING = 0x7b
const CLOSING = 0x7d
const LINE_FEED = 0x0a
const SPACE = 0x20
