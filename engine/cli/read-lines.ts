import { type Header, type Json, makeRecord, type StreamRecord } from '../record.ts'
import type { RecordSet } from '../registry/topics.ts'

/** A record of a topic as it is shown, and as an expression sees it. */
export interface Shown {
  readonly record: StreamRecord
  /** One line of JSON. */
  line(): string
}

export function shownRecord(set: RecordSet, index: number): Shown {
  const value = valueIn(set, index)
  const key = set.key(index)
  const headers = set.headers(index)
  const timestamp = set.timestamp(index)
  const offset = set.offset(index)
  const { topic, partition } = set
  const origin = { component: 'read', partition: `${topic}/${partition}`, position: { offset } }
  return {
    record: makeRecord({ value: value.value, key, timestamp, headers, origin }),
    line: () => {
      const place = { topic, partition, offset, timestamp, ...keyOf(key), headers: headers.map(headerOf) }
      const start = JSON.stringify(place).slice(0, -1)
      return `${start},"value":${value.json}${value.remark}}\n`
    },
  }
}

interface Value {
  readonly value: Json
  /** As it stands in the line: the text itself where that is JSON, so that no digit of a number is lost. */
  readonly json: string
  /** What tells a value apart from JSON that looks the same. */
  readonly remark: string
}

function valueIn(set: RecordSet, index: number): Value {
  if (set.isTombstone(index)) return { value: null, json: 'null', remark: ',"tombstone":true' }
  const { text, encoding } = textOf(set.data.subarray(set.starts[index], set.ends[index]))
  const parsed = encoding === 'text' ? parse(text) : undefined
  if (parsed === undefined) return { value: text, json: JSON.stringify(text), remark: `,"encoding":"${encoding}"` }
  // Line ends stand only between the tokens of JSON, where a space means the same.
  return { value: parsed, json: text.replace(/[\r\n]/g, ' ').trim(), remark: '' }
}

function keyOf(key: Uint8Array | null) {
  if (key === null) return { key }
  const { text, encoding } = textOf(key)
  return encoding === 'text' ? { key: text } : { key: text, key_encoding: encoding }
}

/** Lists, since a name may come more than once. */
function headerOf({ name, value: bytes }: Header) {
  const { text, encoding } = typeof bytes === 'string' ? { text: bytes, encoding: 'text' } : textOf(bytes)
  return encoding === 'text' ? { name, value: text } : { name, value: text, encoding }
}

/** The text that the bytes are, or else their base64. */
function textOf(bytes: Uint8Array): { readonly text: string; readonly encoding: 'text' | 'base64' } {
  try {
    return { text: DECODER.decode(bytes), encoding: 'text' }
  } catch {
    return { text: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'), encoding: 'base64' }
  }
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}
