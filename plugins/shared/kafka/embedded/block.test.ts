import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProducerColumns, ProducerRecord, RecordSet } from '../port.ts'
import { latestOf, nextOf, packBlock, placeOf, sizeOf } from './block.ts'
import { cutColumns, cutIntoBlocks } from './blocks.ts'
import { packColumns } from './columns.ts'
import { recordSetOf } from './record-set.ts'

const PLACE = { topic: 't', partition: 3 }

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array))
// Line ends more often than chance would have them.
const value = fc.oneof(
  bytes,
  fc.constantFrom('', '\n', 'a\nb', '\n\n', '{}\n').map((text) => Buffer.from(text)),
)
const header = fc.record({ name: fc.string({ maxLength: 5, unit: 'grapheme' }), value: bytes })
const record: fc.Arbitrary<ProducerRecord> = fc.record({
  key: fc.option(bytes),
  value: fc.option(value),
  timestamp: fc.oneof(fc.integer(), fc.constantFrom(-1, 0, 8.64e15)),
  headers: fc.array(header, { maxLength: 3 }),
})
const plain = record.map(({ value, timestamp }) => ({ key: null, value, timestamp, headers: [] }))
const records = fc.oneof(fc.array(record, { minLength: 1 }), fc.array(plain, { minLength: 1 }))
const base = fc.nat(Number.MAX_SAFE_INTEGER - 1000)

describe('a block', () => {
  test('gives back every record as it was, from any of its offsets on', () => {
    const property = fc.property(records, base, fc.nat(), (sent, first, skip) => {
      const from = skip % sent.length
      const block = packBlock(sent, { base: first, latestBefore: 5, appended: 7 })
      const set = recordSetOf(PLACE, block, { from: first + from, end: first + 1000 })
      expect(set).toMatchObject({ ...PLACE, count: sent.length - from, next: first + sent.length, end: first + 1000 })
      expect(recordsIn(set)).toEqual(sent.slice(from))
      for (let index = 0; index < set.count; index++) expect(set.offset(index)).toBe(first + from + index)
    })
    fc.assert(property)
  })

  test('has a line end behind each value that holds none, and a zero behind the others', () => {
    const property = fc.property(records, (sent) => {
      const { data, ends } = recordSetOf(PLACE, packBlock(sent, ZERO), { from: 0, end: 0 })
      const expected = sent.map(({ value }) => (value?.includes(0x0a) ? 0 : 0x0a))
      expect([...ends].map((end) => data[end])).toEqual(expected)
    })
    fc.assert(property)
  })

  test('knows its place, its next offset, and the latest time up to its end', () => {
    const property = fc.property(records, base, fc.integer(), (sent, first, latestBefore) => {
      const place = { base: first, latestBefore, appended: 7 }
      const block = packBlock(sent, place)
      expect(placeOf(block)).toEqual(place)
      expect(nextOf(block)).toBe(first + sent.length)
      expect(latestOf(block)).toBe(Math.max(latestBefore, ...sent.map(({ timestamp }) => timestamp)))
    })
    fc.assert(property)
  })

  test('is laid out as its header comment says, byte for byte', () => {
    const sent = [
      { key: Buffer.from('k'), value: Buffer.from('ab'), timestamp: 1, headers: [{ name: 'n', value: 'v' }] },
      { key: null, value: null, timestamp: 2, headers: [] },
    ]
    expect(packBlock(sent, { base: 3, latestBefore: Number.NEGATIVE_INFINITY, appended: 4 }).toString('hex')).toBe(
      [
        '0000000000000840', // base 3
        '000000000000f0ff', // no record before
        '0000000000001040', // appended at 4
        '0200000003000000', // two records, with keys and headers
        '02000000ffffffff', // values: 2 bytes, a tombstone
        '000000000000f03f0000000000000040', // timestamps 1 and 2
        '01000000ffffffff', // keys: 1 byte, none
        '0a00000000000000', // headers: 10 bytes, none
        '61620a0a', // the values, a line end behind each
        '6b', // the key
        '01000000010000006e76', // the header
      ].join(''),
    )
  })

  test('of columns is the block of the same records', () => {
    const columns = fc.array(fc.record({ key: fc.option(bytes), value, apart: fc.boolean() }), { minLength: 1 })
    const property = fc.property(columns, (sent) => {
      const timestamp = 1_700_000_000_123
      const records = sent.map(({ key, value }) => ({ key, value, timestamp, headers: [] }))
      expect(Buffer.concat(packColumns(columnsOf(sent, timestamp), ZERO))).toEqual(packBlock(records, ZERO))
    })
    fc.assert(property)
  })

  test('says that its values have passed the codec json, if they have', () => {
    const columns = columnsOf([{ key: null, value: Buffer.from('1'), apart: false }], 0)
    const setOf = (checkedBy?: string) =>
      recordSetOf(PLACE, Buffer.concat(packColumns({ ...columns, checkedBy }, ZERO)), { from: 0, end: 1 })
    expect([setOf('json').checkedBy, setOf('lines').checkedBy, setOf().checkedBy]).toEqual([
      'json',
      undefined,
      undefined,
    ])
    expect(recordsIn(setOf('json'))).toEqual(recordsIn(setOf()))
  })

  test('of columns whose values are lines, one behind the other, copies none of them', () => {
    const data = Buffer.from('not these\nbut these\ntwo\nnot these either\n')
    const sent = { count: 2, data, starts: Uint32Array.of(10, 20), ends: Uint32Array.of(19, 23), timestamp: 0 }
    const [, values] = packColumns({ ...sent, keys: undefined }, ZERO)
    expect(values?.toString()).toBe('but these\ntwo\n')
    expect(values?.buffer).toBe(data.buffer)
  })

  test('copies no value when it is read', () => {
    const block = packBlock([{ key: null, value: Buffer.from('v'), timestamp: 0, headers: [] }], ZERO)
    expect(recordSetOf(PLACE, block, { from: 0, end: 1 }).data.buffer).toBe(block.buffer)
  })
})

test('what one call sends is cut into blocks of about one MiB, in order, none of them empty', () => {
  const sizes = fc.array(fc.constantFrom(0, 1, 1000, 200_000, 600_000, 1_200_000), { minLength: 1, maxLength: 20 })
  const property = fc.property(sizes, (chosen) => {
    const sent = chosen.map((size) => ({ key: null, value: Buffer.alloc(size), timestamp: 0, headers: [] }))
    const blocks = cutIntoBlocks(sent)
    expect(blocks.flat()).toEqual(sent)
    const columns = columnsOf(
      sent.map((one) => ({ ...one, apart: false })),
      0,
    )
    expect(cutColumns(columns).map(({ count }) => count)).toEqual(blocks.map((block) => block.length))
    for (const block of blocks) {
      expect(block.length).toBeGreaterThan(0)
      const size = block.reduce((sum, one) => sum + sizeOf(one), 0)
      if (block.length > 1) expect(size).toBeLessThanOrEqual(1024 * 1024)
    }
  })
  fc.assert(property)
})

const ZERO = { base: 0, latestBefore: 0, appended: 0 }

/** As codecs have them: a line end behind values that hold none, unless something else stands there. */
function columnsOf(
  sent: readonly { readonly key: Buffer | null; readonly value: Buffer; readonly apart: boolean }[],
  timestamp: number,
): ProducerColumns {
  const starts: number[] = []
  const ends: number[] = []
  const pieces: Buffer[] = []
  let at = 0
  for (const { value, apart } of sent) {
    const behind = Buffer.from(apart || value.includes(0x0a) ? '?' : '\n')
    pieces.push(value, behind)
    starts.push(at)
    ends.push(at + value.length)
    at += value.length + behind.length
  }
  const keys = sent.some(({ key }) => key !== null) ? sent.map(({ key }) => key) : undefined
  const [first, last] = [Uint32Array.from(starts), Uint32Array.from(ends)]
  return { count: sent.length, data: Buffer.concat(pieces), starts: first, ends: last, keys, timestamp }
}

function recordsIn(set: RecordSet): ProducerRecord[] {
  return Array.from({ length: set.count }, (_, index) => {
    const value = Buffer.from(set.data.subarray(set.starts[index], set.ends[index]))
    const key = set.key(index)
    return {
      key: key && Buffer.from(key),
      value: set.isTombstone(index) ? null : value,
      timestamp: set.timestamp(index),
      headers: set.headers(index).map(({ name, value }) => ({ name, value: Buffer.from(value as Uint8Array) })),
    }
  })
}
