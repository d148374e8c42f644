import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { piecesOf } from '../../../engine/batch.ts'
import { encodeBatch } from '../../../engine/codec/encode.ts'
import { createEncoder } from '../../../engine/codec/index.ts'
import { readOptions } from '../../../engine/options.ts'
import {
  type Batch,
  type DecodedFrames,
  type Failure,
  framesBatch,
  type Json,
  recordsBatch,
} from '../../../engine/plugin.ts'
import { options as OPTIONS } from './options.ts'
import { PATH, read } from './reading.fixture.ts'
import { RowCodec } from './row-codec.ts'
import { RowPlaces } from './row-places.ts'
import { RowTaker } from './row-taker.ts'
import { jsonEnd } from './typed-bytes.ts'
import { type ColumnType, READ_TYPED } from './types.ts'

/** Fields as they stand between delimiters. */
const number = fc.oneof(
  fc.double().map(String),
  fc.double({ min: -1000, max: 1000, noNaN: true }).map((real) => real.toFixed(3)),
  fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }).map(String),
  fc.integer().map(String),
  fc
    .array(fc.constantFrom('0', '0', '1', '9', '.', '-', '+', 'e', 'E'), { maxLength: 9 })
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '-0',
    '-0.0',
    '0.00',
    '1e400',
    '007',
    '9007199254740993',
    '0.000001',
    '0.0000001',
    '1.',
    '.5',
    '1e20',
  ),
)
const word = fc.constantFrom('true', 'false', 'TRUE', 'False', 'truex', 'tru', 'null', '')
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('a', 'ü', '😀', '\\', '/', '\t', '\u0001', '\u007f', '\u2028', '"', '""', "''", ' '))
    .map((parts) => parts.join('')),
)
const field = fc.oneof(number, word, text)

const types = ['integer', 'number', 'boolean'] as const

/** A table whose rows may be broken, and how it is read. */
const table = fc.record({
  names: fc.uniqueArray(
    fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toJSON', '7', '10', 'ä"\\b', 'plain'), fc.string()),
    { minLength: 1, maxLength: 4 },
  ),
  types: fc.array(fc.constantFrom('string', 'integer', 'number', 'boolean'), { minLength: 4, maxLength: 4 }),
  rows: fc.array(fc.array(fc.tuple(field, fc.boolean()), { minLength: 1, maxLength: 5 }), { maxLength: 12 }),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  ragged: fc.constantFrom('error', 'pad', 'drop-extra', 'keep-extra'),
  quote: fc.constantFrom('"', "'"),
})
type Table = typeof table extends fc.Arbitrary<infer T> ? T : never

describe('a row that nobody looks at', () => {
  test('is written as the JSON text of its value, byte for byte, however the file comes in pieces', () => {
    const property = fc.property(table, fc.integer({ min: 1, max: 40 }), (chosen, width) => {
      const { json, values, refused } = readRows(chosen, width)
      expect(json).toBe(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
      const whole = readRows(chosen, 10_000)
      expect({ json, refused }).toEqual({ json: whole.json, refused: whole.refused })
    })
    fc.assert(property, { numRuns: 500 })
  })

  test('is a dead letter when its value cannot be made, and only then', () => {
    const property = fc.property(table, (chosen) => {
      const { codec, failed } = readRows(chosen, 10_000)
      for (const { error, raw } of failed.filter(({ error }) => error.code !== 'SR_CSV_INVALID')) {
        const row = Buffer.from(raw ?? [])
        expect(() => codec.decode(row, 0, row.length)).toThrow(error.message)
      }
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('costs no value on its way to a JSON file', async () => {
    const { batches } = await read('a,b,c\n1,x,true\n-2.50,"ü ""q""\n",\n', { columns: { a: 'number', c: 'boolean' } })
    const decode = vi.spyOn(RowCodec.prototype, 'decode')
    const { chunks, failed } = encodeBatch(createEncoder('json'), batches[0]?.records ?? recordsBatch([]))
    expect(Buffer.concat(chunks).toString()).toBe('{"a":1,"b":"x","c":true}\n{"a":-2.5,"b":"ü \\"q\\"\\n","c":null}\n')
    expect([failed, decode.mock.calls]).toEqual([[], []])
    decode.mockRestore()
  })

  test('is written the same when others of its batch are gone', async () => {
    const rows = Array.from({ length: 100 }, (_, n) => `${n},${'x'.repeat(n)},"${n}"`)
    const { batches } = await read(`n,text,quoted\n${rows.join('\n')}\n`, { columns: { n: 'integer' } })
    const frames = batches[0]?.records?.frames as DecodedFrames
    const kept = [...rows.keys()].filter((n) => n % 3 === 1)
    const [starts, ends, lines] = [frames.starts, frames.ends, frames.lines].map((column) =>
      column.filter((_, n) => n % 3 === 1),
    )
    const some = { ...frames, starts, ends, lines, count: 33 } as DecodedFrames
    expect(jsonOf(framesBatch(some))).toBe(
      kept.map((n) => `{"n":${n},"text":"${'x'.repeat(n)}","quoted":"${n}"}\n`).join(''),
    )
    expect([...piecesOf(framesBatch(frames), 7)].map(jsonOf).join('')).toBe(jsonOf(framesBatch(frames)))
  })

  test.each([65_530, 65_535, 65_536, 70_000])('is written whole when it takes %i bytes', async (length) => {
    const row = `1,${'ä'.repeat(100)}${'x'.repeat(length - 207)},2.50`
    const { batches } = await read(`a,b,c\n${row}\n`, { columns: { a: 'integer', c: 'number' } })
    expect(Buffer.byteLength(row)).toBe(length)
    expect(jsonOf(batches[0]?.records as Batch)).toBe(`{"a":1,"b":"${row.slice(2, -5)}","c":2.5}\n`)
  })

  test('weighs its bytes in a queue', async () => {
    const { batches } = await read('a,b\n1,xyz\n2,ü\n')
    expect(batches[0]?.records?.bytes).toBe(Buffer.byteLength('1,xyz\n2,ü'))
  })

  test('is refused by the codec lines: its bytes say nothing without their header', async () => {
    const { batches } = await read('a,b\n1,2\n')
    const { chunks, failed } = encodeBatch(createEncoder('lines'), batches[0]?.records ?? recordsBatch([]))
    expect(chunks).toEqual([])
    expect(failed.map(({ error }) => error.code)).toEqual(['SR_ENCODE_FAILED'])
  })
})

describe('a typed field', () => {
  test('whose bytes are taken for JSON has the value that is read from it', () => {
    const property = fc.property(fc.oneof(number, word), fc.constantFrom(...types), (field, type) => {
      if (field === '') return
      const end = jsonEnd(type, Buffer.from(`,${field},`), 1, 1 + field.length)
      if (end >= 0) expect(field.slice(0, end - 1)).toBe(JSON.stringify(READ_TYPED[type](field)))
    })
    fc.assert(property, { numRuns: 5000 })
  })

  test.each([
    ['integer', '0', '0'],
    ['integer', '-12', '-12'],
    ['integer', '123456789012345', '123456789012345'],
    ['number', '19.90', '19.9'],
    ['number', '-0.50', '-0.5'],
    ['number', '7.00', '7'],
    ['number', '0.000001', '0.000001'],
    ['boolean', 'true', 'true'],
    ['boolean', 'false', 'false'],
  ] as const)('%s: %s is taken as it stands, for %s', (type, field, json) => {
    expect(field.slice(0, jsonEnd(type, Buffer.from(field), 0, field.length))).toBe(json)
  })

  test.each(['-0', '-0.0', '007', '+1', '.5', '1e3', '0.0000001', '1234567890123456', '-', '-.5', '1.2.3', 'x'])(
    '%s is read',
    (field) => {
      expect(jsonEnd('number', Buffer.from(field), 0, field.length)).toBe(-1)
    },
  )
})

function jsonOf(batch: Batch): string {
  return Buffer.concat(encodeBatch(createEncoder('json'), batch).chunks).toString()
}

/** The rows of a table without its header, read in pieces of at least `width` bytes. */
function readRows(chosen: Table, width: number) {
  const options = readOptions(OPTIONS, { path: PATH, ragged: chosen.ragged, csv: { quote: chosen.quote } })
  const columns = new Map(chosen.names.map((name, index) => [name, chosen.types[index] as ColumnType]))
  const codec = new RowCodec(chosen.names, { ...options, columns })
  const taker = new RowTaker(codec, options.csv, 1000)
  const places = new RowPlaces(codec.noteWidth)
  const bytes = Buffer.from(textOf(chosen))
  const found = { codec, json: '', values: [] as Json[], failed: [] as Failure[], refused: [] as string[] }
  let wide = width
  for (let at = 0; at < bytes.length; ) {
    const data = bytes.subarray(at, at + wide)
    places.clear()
    const { failed, bytes: taken } = taker.take({ data, final: at + wide >= bytes.length }, ROWS, 1000, places)
    const frames = { ...places, data, base: { offset: at, line: 1 }, codec: codec.decoderOf(places), ...FROM }
    found.json += Buffer.concat(encodeBatch(createEncoder('json'), framesBatch(frames)).chunks).toString()
    found.values.push(...framesBatch(frames).records.map(({ value }) => value))
    found.failed.push(...failed)
    found.refused.push(...failed.map(({ error, raw }) => `${error.message}: ${Buffer.from(raw ?? [])}`))
    at += taken
    wide = taken === 0 ? wide + width : width
  }
  return found
}

const FROM = { component: 'table', partition: PATH, timestamp: 0 }
const ROWS = { ...FROM, offset: 0, line: 1, rows: 0, pace: 0 }

function textOf({ rows, lineEnd, quote }: Table): string {
  const write = ([text, isQuoted]: [string, boolean]) =>
    isQuoted ? `${quote}${text.replaceAll(quote, quote + quote)}${quote}` : text
  return rows.map((row) => row.map(write).join(',') + lineEnd).join('')
}
