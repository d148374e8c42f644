import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { type Batch, framesBatch, recordsBatch } from '../batch.ts'
import type { DecodedFrames, Decoder } from '../frames.ts'
import { type Json, makeRecord, type StreamRecord, withValue } from '../record.ts'
import { encodeBatch, encodeEach } from './encode.ts'
import { framesOf } from './frames.fixture.ts'
import { createCodec, createEncoder } from './index.ts'

const FROM = { component: 'log', partition: 'file', timestamp: 0 }
const json = createCodec('json')
const lines = createCodec('lines')

describe('a batch of frames', () => {
  test('is one view of its own buffer, byte for byte', () => {
    const { good } = json.check(framesOf('1.10\n9007199254740993\r\n{ "a" : 1 }\n'), FROM)
    const { chunks, failed } = encodeBatch(json, framesBatch(good))
    expect(failed).toEqual([])
    expect(chunks.length).toBe(1)
    expect(chunks[0]?.buffer).toBe(good.data.buffer)
    expect(textOf(chunks)).toBe('1.10\n9007199254740993\r\n{ "a" : 1 }\n')
  })

  test('gets the line feed that the last line of a file lacks', () => {
    const { good } = json.check(framesOf('1\n2'), FROM)
    expect(textOf(encodeBatch(json, framesBatch(good)).chunks)).toBe('1\n2\n')
  })

  test('does not get the lines between its records that are none', () => {
    const { good } = json.check(framesOf('1\n\nx\n2\n3\n'), FROM)
    const { chunks } = encodeBatch(json, framesBatch(good))
    expect(textOf(chunks)).toBe('1\n2\n3\n')
    expect(chunks.length).toBe(2)
  })

  test('of lines that are not UTF-8 is written as it stands, and shows U+FFFD to whoever looks (FT-07)', () => {
    const { good } = lines.check(framesOf(Buffer.from([0x61, 0xff, 0x0a])), FROM)
    const batch = framesBatch(good)
    expect(batch.records.map(({ value }) => value)).toEqual(['a\ufffd'])
    expect(Buffer.concat(encodeBatch(lines, batch).chunks)).toEqual(Buffer.from([0x61, 0xff, 0x0a]))
  })

  test('of JSON is lines as it stands, and lines become JSON texts', () => {
    const { good } = json.check(framesOf('{"a":1.10}\n'), FROM)
    expect(textOf(encodeBatch(lines, framesBatch(good)).chunks)).toBe('{"a":1.10}\n')
    expect(textOf(encodeBatch(json, framesBatch(lines.check(framesOf('a "b"\r\n'), FROM).good)).chunks)).toBe(
      '"a \\"b\\""\n',
    )
  })
})

describe('a batch of frames whose bytes only their source can read', () => {
  const riddle: Decoder = {
    name: undefined,
    decode: (data, start, end) => ({ riddle: data.toString('utf8', start, end) }),
  }
  const batchOf = (codec: Decoder) => framesBatch({ ...framesOf('a\nb\n'), ...FROM, codec })

  test.each([
    ['json', '{"riddle":"a"}\n{"riddle":"b"}\n', 0],
    ['csv', 'riddle\na\nb\n', 0],
    ['lines', '', 2],
  ])('is written from its values by %s, not as it stands', (name, text, refused) => {
    const { chunks, failed } = encodeBatch(createEncoder(name), batchOf(riddle))
    expect([textOf(chunks), failed.length]).toEqual([text, refused])
  })

  test('is JSON without its values where its codec knows a way', () => {
    const decode = vi.fn(riddle.decode)
    const toJson = () => framesOf('{"riddle":"a"}\n{"riddle":"b"}\n')
    const quick = { ...riddle, decode, toJson }
    const { chunks } = encodeBatch(json, batchOf(quick))
    expect(Buffer.concat(chunks).toString()).toBe('{"riddle":"a"}\n{"riddle":"b"}\n')
    expect(encodeEach(json, batchOf(quick)).values.map(String)).toEqual(['{"riddle":"a"}', '{"riddle":"b"}'])
    expect(decode).not.toHaveBeenCalled()
  })
})

describe('record by record', () => {
  test('takes the JSON that a record has of itself: its value is not made', () => {
    const plain = makeRecord({ value: null, timestamp: 0, origin: { component: 'c', partition: 'p', position: 0 } })
    const value = vi.fn(() => ({ a: 1 }))
    const record = Object.defineProperty({ ...plain, json: () => '{"a":1}' }, 'value', { get: value }) as StreamRecord
    expect(textOf(encodeBatch(json, recordsBatch([record, record])).chunks)).toBe('{"a":1}\n{"a":1}\n')
    expect(encodeEach(json, recordsBatch([record])).values.map(String)).toEqual(['{"a":1}'])
    expect(value).not.toHaveBeenCalled()
    expect(textOf(encodeBatch(createEncoder('csv'), recordsBatch([record])).chunks)).toBe('a\n1\n')
  })

  const textsOf = (batch: Batch) => {
    const { values, failed } = encodeEach(json, batch)
    return { texts: values.map((value) => (value ? Buffer.from(value).toString() : value)), failed }
  }

  test('each is its own bytes, without a line feed behind it', () => {
    const { good } = json.check(framesOf('1.10\n{ "a" : 1 }\n'), FROM)
    const expected = { texts: ['1.10', '{ "a" : 1 }'], failed: [] }
    expect(textsOf(framesBatch(good))).toEqual(expected)
    expect(textsOf(recordsBatch(framesBatch(good).records))).toEqual(expected)
  })

  test('a tombstone stays one, and a line feed within a record stays where it is', () => {
    const data = Buffer.from('{"a":\n1.10}')
    const message = makeRecord({ value: { a: 1.1 }, raw: data, format: 'json', timestamp: 0, origin: made(0).origin })
    const gone = makeRecord({ value: null, raw: null, timestamp: 0, origin: made(0).origin })
    expect(textsOf(recordsBatch([message, gone])).texts).toEqual(['{"a":\n1.10}', null])
  })

  test('one that cannot be encoded leaves its place empty and is reported', () => {
    const { values, failed } = encodeEach(lines, recordsBatch([made('text'), made(1)]))
    expect(values).toEqual([Buffer.from('text'), undefined])
    expect(failed.map(({ record, error }) => [record.value, error.code])).toEqual([[1, 'SR_ENCODE_FAILED']])
  })
})

test('a record that holds a line feed is written anew where a line feed ends records', () => {
  const data = Buffer.from('{"a":\n1.10}')
  const column = (at: number) => Uint32Array.of(at)
  const message = { data, starts: column(0), ends: column(data.length), lines: column(0), count: 1 }
  const { good } = json.check({ ...message, base: { offset: 0, line: 1 } }, FROM)
  expect(textOf(encodeBatch(json, framesBatch(good)).chunks)).toBe('{"a":1.1}\n')
  const { failed } = encodeBatch(lines, framesBatch(good))
  expect(failed.map(({ error }) => error.code)).toEqual(['SR_ENCODE_FAILED'])
})

test('records are written in order, each from its bytes or its new value, as few chunks as there are breaks', () => {
  const keep = fc.constantFrom('kept', 'changed', 'dropped', 'made')
  const property = fc.property(fc.array(fc.tuple(fc.jsonValue(), keep)), fc.boolean(), (items, isEnded) => {
    const text = items.map(([value]) => ` ${JSON.stringify(value)}`).join('\n')
    const { records } = framesBatch(json.check(framesOf(isEnded ? `${text}\n` : text), FROM).good)
    const chosen: StreamRecord[] = []
    const expected: string[] = []
    for (const [index, [value, what]] of items.entries()) {
      const record = records[index] as StreamRecord
      if (what === 'dropped') continue
      chosen.push(what === 'kept' ? record : what === 'made' ? made([index]) : withValue(record, { index }))
      expected.push(
        what === 'kept' ? ` ${JSON.stringify(value)}` : JSON.stringify(what === 'made' ? [index] : { index }),
      )
    }
    const { chunks } = encodeBatch(json, recordsBatch(chosen))
    expect(textOf(chunks)).toBe(expected.map((line) => `${line}\n`).join(''))
  })
  fc.assert(property, { numRuns: 1000 })
})

test('records that stand side by side are one chunk, and so are changed ones', () => {
  const { records } = framesBatch(json.check(framesOf('1\n2\n3\n4\n'), FROM).good)
  const [one, two, three, four] = records as [StreamRecord, StreamRecord, StreamRecord, StreamRecord]
  const { chunks } = encodeBatch(json, recordsBatch([one, two, withValue(three, 'x'), withValue(four, 'y')]))
  expect(chunks.map((chunk) => textOf([chunk]))).toEqual(['1\n2\n', '"x"\n"y"\n'])
})

test('what cannot be encoded is left out and reported, and the others are written', () => {
  const records = ['a', { b: 1 }, 'c\nd', '\ud800', 'e'].map((value) => made(value))
  const { chunks, failed } = encodeBatch(lines, recordsBatch(records))
  expect(textOf(chunks)).toBe('a\ne\n')
  expect(failed.map(({ record, error }) => [records.indexOf(record), error.code])).toEqual([
    [1, 'SR_ENCODE_FAILED'],
    [2, 'SR_ENCODE_FAILED'],
    [3, 'SR_ENCODE_FAILED'],
  ])
})

test('what was written is read back as the same values', () => {
  const property = fc.property(fc.array(fc.jsonValue({ stringUnit: 'binary' })), (values) => {
    const written = textOf(encodeBatch(json, recordsBatch(values.map((value) => made(value as Json)))).chunks)
    const { good, failed } = json.check(framesOf(written), FROM)
    expect(failed).toEqual([])
    expect(valuesOf(good)).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))))
  })
  fc.assert(property, { numRuns: 500 })
})

test('an empty batch has no bytes', () => {
  const batches: Batch[] = [recordsBatch([]), framesBatch(json.check(framesOf(''), FROM).good)]
  for (const batch of batches) expect(encodeBatch(json, batch)).toEqual({ chunks: [], failed: [] })
})

describe('lines', () => {
  test('takes every frame without looking', () => {
    const frames = framesOf(Buffer.from([0xff, 0x0a, 0x0a, 0x00]))
    const { good, failed } = lines.check(frames, FROM)
    expect(failed).toEqual([])
    expect(good).toMatchObject({ count: 3, codec: lines })
    expect(good.starts).toBe(frames.starts)
  })

  test('reads text without the carriage return of a Windows line, which its bytes keep', () => {
    const batch = framesBatch(lines.check(framesOf('ä\r\n\r\nb\rc\n'), FROM).good)
    expect(batch.records.map(({ value }) => value)).toEqual(['ä', '', 'b\rc'])
    expect(textOf(encodeBatch(lines, recordsBatch(batch.records)).chunks)).toBe('ä\r\n\r\nb\rc\n')
  })
})

test('a codec that does not exist is a defect', () => {
  expect(() => createCodec('toString')).toThrow('there is no codec toString')
})

function made(value: Json): StreamRecord {
  return makeRecord({ value, timestamp: 0, origin: { component: 'test', partition: 'list', position: null } })
}

function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks).toString('utf8')
}

function valuesOf(frames: DecodedFrames): Json[] {
  return framesBatch(frames).records.map(({ value }) => value)
}
