import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { type Batch, framesBatch, markedBatch, recordsBatch } from '../batch.ts'
import type { DecodedFrames, Decoder } from '../frames.ts'
import { type Json, makeRecord, type StreamRecord, withValue } from '../record.ts'
import { encodeBatch } from './encode.ts'
import { createCodec } from './index.ts'
import { packBatch, unpackBatch } from './packed.ts'

const text: Decoder = { name: 'lines', decode: (data, start, end) => data.toString('utf8', start, end) }
const json: Decoder = { name: 'json', decode: (data, start, end) => JSON.parse(data.toString('utf8', start, end)) }

test('a batch of frames comes back as frames, whatever the alignment of the payload', () => {
  const anyLines = fc.array(fc.record({ line: fc.string(), gap: fc.nat(3) }), { maxLength: 20 })
  const property = fc.property(anyLines, fc.nat(50), fc.nat(7), (lines, before, shift) => {
    const batch = framesBatch(framesOf(lines, before))
    const unpacked = unpackAt(shift, batch)
    expect(unpacked.frames === undefined).toBe(!isDense(lines))
    expect(unpacked.records.map(plain)).toEqual(batch.records.map(plain))
  })
  fc.assert(property, { numRuns: 500 })
})

test('records come back with value, bytes, key, timestamp, headers and origin', () => {
  const property = fc.property(fc.array(anyRecord(), { maxLength: 10 }), fc.nat(7), (records, shift) => {
    const unpacked = unpackAt(shift, recordsBatch(records))
    expect(unpacked.records.map(plain)).toEqual(records.map(plain))
  })
  fc.assert(property, { numRuns: 500 })
})

test('times and marks come back with frames and with records, -Infinity too', () => {
  const anyLines = fc.array(fc.record({ line: fc.string(), gap: fc.nat(3) }), { maxLength: 20 })
  const anyNumber = fc.oneof(fc.constant(Number.NEGATIVE_INFINITY), fc.double({ noNaN: true, noDefaultInfinity: true }))
  const property = fc.property(anyLines, fc.nat(7), fc.infiniteStream(anyNumber), (lines, shift, numbers) => {
    const draw = () => Float64Array.from(lines, () => numbers.next().value as number)
    const times = draw().map((time) => Math.max(0, time))
    const marks = draw()
    const batch = markedBatch(framesBatch({ ...framesOf(lines, 0), times }), marks)
    const unpacked = unpackAt(shift, batch)
    expect([...(unpacked.marks ?? [])]).toEqual([...marks])
    expect(unpacked.records.map(({ timestamp }) => timestamp)).toEqual([...times])
    expect(unpacked.records.map(({ value }) => value)).toEqual(batch.records.map(({ value }) => value))
  })
  fc.assert(property, { numRuns: 300 })
})

describe('frames', () => {
  test('whose bytes only their source can read are packed with their values', () => {
    const codec = { ...text, name: undefined }
    const batch = framesBatch({ ...framesOf([{ line: 'one', gap: 1 }], 0), codec })
    const unpacked = unpackAt(0, batch)
    expect(unpacked.frames).toBeUndefined()
    expect(unpacked.records.map(plain)).toEqual(batch.records.map(plain))
  })

  test('take only the bytes between the first record and the last with them, with its line feed', () => {
    const frames = framesOf(
      [
        { line: 'one', gap: 1 },
        { line: 'two', gap: 1 },
      ],
      1000,
    )
    const unpacked = unpackAt(0, framesBatch(frames)).frames as DecodedFrames
    expect(unpacked.data.toString()).toBe('one\ntwo\n')
    expect([...unpacked.starts]).toEqual([0, 4])
    expect(unpacked.base).toEqual({ offset: 6000, line: 7 })
  })

  test('of which most are gone are packed one by one', () => {
    const { starts, ends, lines, ...rest } = framesOf(
      Array.from({ length: 9 }, () => ({ line: 'x'.repeat(20), gap: 1 })),
      0,
    )
    const pick = (numbers: Uint32Array) => Uint32Array.of(numbers[0] as number, numbers[8] as number)
    const sparse = framesBatch({ ...rest, starts: pick(starts), ends: pick(ends), lines: pick(lines), count: 2 })
    const unpacked = unpackAt(0, sparse)
    expect(unpacked.frames).toBeUndefined()
    expect(unpacked.records.map(plain)).toEqual(sparse.records.map(plain))
  })
})

test('what the records of a topic have beside their bytes comes back with each, also when others are gone', () => {
  const { starts, ends, lines, ...rest } = framesOf(
    ['one', 'two', 'three'].map((line) => ({ line, gap: 1 })),
    0,
  )
  const attributes = {
    key: (line: number) => (line === 0 ? null : Uint8Array.of(line)),
    timestamp: (line: number) => 1000 + line,
    headers: (line: number) => [{ name: 'line', value: String(line) }],
    position: (line: number) => ({ offset: 40 + line }),
  }
  const count = 2
  const kept = { starts: starts.slice(1), ends: ends.slice(1), lines: Uint32Array.of(1, 2), count }
  const batch = framesBatch({ ...rest, ...kept, attributes })
  const [two] = batch.records
  expect(two).toMatchObject({ key: Uint8Array.of(1), timestamp: 1001, headers: [{ name: 'line', value: '1' }] })
  expect(two?.origin.position).toEqual({ offset: 41 })
  expect(unpackAt(0, batch).records.map(plain)).toEqual(batch.records.map(plain))
})

test('a record whose bytes are broken comes back with its bytes, and with their text as its value', () => {
  const raw = Buffer.from('{"id":1,"na')
  const origin = { component: 'made', partition: 'p', position: 1 }
  const record = makeRecord({ value: raw.toString(), raw, format: 'json', timestamp: 5, origin })
  const [unpacked] = unpackAt(0, recordsBatch([record])).records
  expect(unpacked && plain(unpacked)).toEqual(plain(record))
})

test('a value is not parsed before somebody looks', () => {
  const decode = vi.spyOn(json, 'decode')
  const frames = { ...framesOf([{ line: '{"a":1}', gap: 1 }], 0), codec: json }
  const [record] = unpackAt(0, recordsBatch(framesBatch(frames).records)).records
  expect(Buffer.from(record?.raw as Uint8Array).toString()).toBe('{"a":1}')
  expect(decode).not.toHaveBeenCalled()
  expect(record?.value).toEqual({ a: 1 })
  decode.mockRestore()
})

test('a payload of an unknown form is of a later version', () => {
  const payload = Buffer.concat(packBatch(recordsBatch([])))
  payload[0] = 4
  expect(() => unpackBatch(payload, () => json)).toThrow(expect.objectContaining({ code: 'SR_LOG_VERSION' }))
})

/** The records as a log would give them back: a view somewhere in a larger buffer. */
function unpackAt(shift: number, batch: Batch): Batch {
  const block = Buffer.concat([Buffer.alloc(shift), ...packBatch(batch), Buffer.alloc(9, 'z')])
  const payload = Buffer.from(new ArrayBuffer(block.length))
    .fill(block)
    .subarray(shift, block.length - 9)
  return unpackBatch(payload, (name) => (name === 'json' ? json : text))
}

function framesOf(lines: readonly { line: string; gap: number }[], before: number): DecodedFrames {
  const starts: number[] = []
  const ends: number[] = []
  let data = Buffer.alloc(before, '-')
  for (const { line, gap } of lines) {
    starts.push(data.length)
    data = Buffer.concat([data, Buffer.from(line)])
    ends.push(data.length)
    data = Buffer.concat([data, Buffer.alloc(gap, '\n')])
  }
  return {
    data,
    // Longer than what is used, as a source has them that fills the same arrays again and again.
    starts: Uint32Array.of(...starts, 99, 99),
    ends: Uint32Array.of(...ends, 99, 99),
    lines: Uint32Array.of(...starts.map((_, index) => 2 * index), 99, 99),
    count: lines.length,
    base: { offset: 5000, line: 7 },
    codec: text,
    component: 'log',
    partition: 'dev:ino',
    timestamp: 1_700_000_000_000,
  }
}

function isDense(lines: readonly { line: string; gap: number }[]): boolean {
  if (lines.length === 0) return true
  const used = lines.reduce((sum, { line }) => sum + Buffer.byteLength(line) + 1, 0)
  const gaps = lines.slice(0, -1).reduce((sum, { gap }) => sum + gap, 0)
  return used * 2 >= used - lines.length + gaps
}

function anyRecord(): fc.Arbitrary<StreamRecord> {
  const value = fc.jsonValue({ noUnicodeString: false }) as fc.Arbitrary<Json>
  const bytes = fc.uint8Array({ maxLength: 20 })
  const origin = fc.record({
    component: fc.constantFrom('a', 'b'),
    partition: fc.string({ unit: 'binary', maxLength: 3 }),
    position: value,
  })
  const made = fc.record({
    value,
    raw: fc.oneof(bytes, fc.constantFrom(undefined, null)),
    key: fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), bytes),
    timestamp: fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    headers: fc.array(fc.record({ name: fc.string(), value: fc.oneof(fc.string({ unit: 'binary' }), bytes) })),
    origin,
  })
  const framed = fc.string().map((line) => framesBatch(framesOf([{ line, gap: 1 }], 3)).records[0] as StreamRecord)
  const changed = fc.tuple(framed, value).map(([record, other]) => withValue(record, other))
  return fc.oneof(made.map(makeRecord), framed, changed)
}

/** All that a record is, comparable: -0 is 0 in JSON. */
function plain(record: StreamRecord): unknown {
  const bytes = (item: unknown) => (item instanceof Uint8Array ? { hex: Buffer.from(item).toString('hex') } : item)
  return {
    value: JSON.stringify(record.value),
    raw: bytes(record.raw),
    key: bytes(record.key),
    timestamp: record.timestamp,
    headers: record.headers.map(({ name, value }) => [name, bytes(value)]),
    origin: { ...record.origin, position: JSON.stringify(record.origin.position) },
  }
}

test('a record that nobody changed keeps its bytes over two hops', () => {
  const lines = ['{"price": 1.10}', '{"id": 9007199254740993}'].map((line) => ({ line, gap: 1 }))
  const frames = { ...framesOf(lines, 0), codec: json }
  const once = unpackAt(0, recordsBatch(framesBatch(frames).records))
  const twice = unpackAt(0, once)
  const { chunks } = encodeBatch(createCodec('json', {}), twice)
  expect(Buffer.concat(chunks).toString()).toBe('{"price": 1.10}\n{"id": 9007199254740993}\n')
})
