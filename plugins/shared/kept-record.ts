import { type Header, type Json, makeRecord, type StateForm, type StreamRecord } from '../../engine/plugin.ts'

/** Whole records in state, as plain JSON; what is kept must be `detached` before. */
export const KEPT_RECORD: StateForm<StreamRecord> = { encode: encodeRecord, decode: decodeRecord }

/**
 * A copy that outlives its batch, whose bytes may be used again when it has left. It keeps its original bytes, so that
 * one that nobody changed is written as it came, after a restart too.
 */
export function detached(record: StreamRecord): StreamRecord {
  const { value, raw, format, key, timestamp, headers, origin } = record
  return makeRecord({
    value,
    raw: raw && Buffer.from(raw),
    format,
    key: copied(key),
    timestamp,
    headers: headers.map(({ name, value }) => ({ name, value: copied(value) })),
    origin,
  })
}

function copied<T extends string | Uint8Array | null>(value: T): T {
  return (value instanceof Uint8Array ? Buffer.from(value) : value) as T
}

function encodeRecord({ value, raw, format, key, timestamp, headers, origin }: StreamRecord): Json {
  const { component, partition, position } = origin
  const fields = headers.map(({ name, value }) => [name, bytesOrText(value)])
  const place = [component, partition, position]
  const bytes = raw && format !== undefined ? [format, Buffer.from(raw).toString('base64')] : null
  // JSON is its own text, and its value need not stand beside it.
  if (format === 'json' && raw) return [bytesOrText(key), timestamp, fields, place, Buffer.from(raw).toString('utf8')]
  return [bytesOrText(key), timestamp, fields, place, bytes, value]
}

function decodeRecord(kept: Json): StreamRecord {
  const [key, timestamp, headers, [component, partition, position], bytes, value = null] = kept as unknown as Kept
  return makeRecord({
    ...contentOf(bytes, value),
    key: key === null ? null : textOrBytes(key),
    timestamp,
    headers: headers.map(([name, one]): Header => ({ name, value: textOrBytes(one) })),
    origin: { component, partition, position },
  })
}

/** The codec json refuses bytes that are no UTF-8, so that its text gives the same bytes again. */
function contentOf(bytes: Kept[4], value: Json): Pick<StreamRecord, 'value' | 'raw' | 'format'> {
  if (bytes === null) return { value, raw: undefined, format: undefined }
  if (typeof bytes === 'string') return { value: JSON.parse(bytes), raw: Buffer.from(bytes), format: 'json' }
  return { value, raw: Buffer.from(bytes[1], 'base64'), format: bytes[0] }
}

type Bytes = readonly [base64: string]
type Kept = readonly [
  key: string | Bytes | null,
  timestamp: number,
  headers: readonly (readonly [name: string, value: string | Bytes])[],
  place: readonly [component: string, partition: string, position: Json],
  bytes: string | readonly [format: string, base64: string] | null,
  value?: Json,
]

/** Bytes stand in a list of their own, so that they stay bytes. */
function bytesOrText(value: string | Uint8Array | null): Json {
  return value instanceof Uint8Array ? [Buffer.from(value).toString('base64')] : value
}

function textOrBytes(kept: string | Bytes): string | Uint8Array {
  return typeof kept === 'string' ? kept : Buffer.from(kept[0], 'base64')
}
