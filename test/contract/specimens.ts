import { type Json, makeRecord, type StreamRecord } from '../../engine/plugin.ts'

/** Values that no plugin may stumble over. */
export const ODD_VALUES: readonly Json[] = [
  null,
  true,
  0,
  -0.5,
  1e300,
  '',
  'text',
  'line\nbreak \u2028 \u0000',
  'half a pair \ud800',
  [],
  [[], {}],
  [1, 'two', null, { three: 3 }],
  {},
  { '': '' },
  // JSON.parse makes these own properties, which a literal would not (CF-10).
  JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}') as Json,
  { toString: 1, valueOf: null, hasOwnProperty: 'x', length: -1 },
  { deep: nested(100) },
]

/** Everything that a record may carry. */
export function specimenRecords(): readonly StreamRecord[] {
  const origin = (line: number) => ({ component: 'source', partition: 'a file', position: { offset: line * 10, line } })
  const shared = { timestamp: 1_767_225_600_000 }
  return [
    makeRecord({ ...shared, value: { price: 1.1 }, raw: Buffer.from('{"price": 1.10}'), origin: origin(1) }),
    makeRecord({ ...shared, value: { made: 'here' }, key: 'a key', origin: origin(2) }),
    makeRecord({ ...shared, value: [1, null, 'ü'], key: Uint8Array.of(0, 255), origin: origin(3) }),
    makeRecord({ timestamp: 0, value: '', headers: [{ name: 'h', value: '1' }], origin: origin(4) }),
    makeRecord({ timestamp: 0.5, value: null, headers: doubleHeaders(), origin: { ...origin(5), position: null } }),
    makeRecord({ ...shared, value: null, raw: null, key: 'gone', origin: origin(6) }),
  ]
}

/** The value with everything in it frozen. */
export function frozen<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) frozen(inner as Json)
  return Object.freeze(value)
}

/** Lets everything happen that is ready to happen; for saying that something does *not*. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** What survives being written to a checkpoint and read again. */
export function throughJson<T extends Json>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

/** All of a record as plain values, bytes as hexadecimal text. */
export function plainRecord(record: StreamRecord) {
  const { value, raw, key, timestamp, headers, origin } = record
  const bytes = (one: Uint8Array | string) => (typeof one === 'string' ? one : `0x${Buffer.from(one).toString('hex')}`)
  return {
    value,
    raw: raw instanceof Uint8Array ? bytes(raw) : raw,
    key: key === null ? null : bytes(key),
    timestamp,
    headers: headers.map((header) => [header.name, bytes(header.value)]),
    origin,
  }
}

function nested(depth: number): Json {
  return depth === 0 ? 'bottom' : { in: nested(depth - 1) }
}

function doubleHeaders() {
  return [
    { name: 'twice', value: 'first' },
    { name: 'twice', value: Uint8Array.of(1, 2) },
  ]
}
