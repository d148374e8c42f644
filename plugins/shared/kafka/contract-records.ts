import { expect } from 'vitest'
import type { Clause } from '../../../test/contract/clause.ts'
import type { On } from './contract.ts'
import { numbered, record } from './contract-bench.ts'
import type { ProducerColumns, ProducerRecord, RecordSet } from './port.ts'

/** What the port promises of records: what is sent is what is read. */
export function recordClauses(on: On): Clause[] {
  return [
    on('keeps values, tombstones, keys, times and headers as they were (KA-10)', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...SPECIMENS)
      const reader = await bench.reader()
      await reader.read(SPECIMENS.length)
      expect(reader.sets.flatMap(contentsOf)).toEqual(SPECIMENS.map(contentOf))
    }),
    on('keeps them when it reads from the middle', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...SPECIMENS)
      for (const from of SPECIMENS.keys()) {
        const reader = await bench.reader({ begin: () => from })
        await reader.read(SPECIMENS.length - from)
        expect(reader.sets.flatMap(contentsOf)).toEqual(SPECIMENS.slice(from).map(contentOf))
        await reader.close()
      }
    }),
    on('puts a line end behind each value that holds none', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...SPECIMENS)
      const reader = await bench.reader()
      await reader.read(SPECIMENS.length)
      for (const { data, starts, ends, count } of reader.sets) {
        for (let index = 0; index < count; index++) {
          const value = data.subarray(starts[index], ends[index])
          if (!value.includes(0x0a)) expect(data[ends[index] as number]).toBe(0x0a)
        }
      }
    }),
    on('keeps what is sent in columns, where it takes them, as if it had been sent one by one', async (bench) => {
      await bench.create(1)
      if (!(await bench.sendColumns(0, COLUMNS))) return
      await bench.sendColumns(0, { ...COLUMNS, keys: undefined })
      const reader = await bench.reader()
      await reader.read(2 * COLUMNS.count)
      const unkeyed = OF_COLUMNS.map((sent) => ({ ...sent, key: null }))
      expect(reader.sets.flatMap(contentsOf)).toEqual([...OF_COLUMNS, ...unkeyed].map(contentOf))
    }),
    on('keeps the order of each partition, and says where each set ends', async (bench) => {
      await bench.create(3)
      for (let from = 0; from < 60; from += 10) {
        for (const partition of [0, 1, 2]) await bench.send(partition, ...numbered(from, from + 10))
      }
      const reader = await bench.reader()
      const values = await reader.values(180)
      const all = numbered(0, 60).map(({ value }) => String(value))
      for (const partition of [0, 1, 2]) expect(values.get(partition)).toEqual(all)
      const next = [0, 0, 0]
      for (const set of reader.sets) {
        const from = next[set.partition] as number
        for (let index = 0; index < set.count; index++) expect(set.offset(index)).toBe(from + index)
        next[set.partition] = from + set.count
        expect(set).toMatchObject({ topic: bench.topic, next: next[set.partition], end: 60 })
      }
    }),
  ]
}

const SPECIMENS: readonly ProducerRecord[] = [
  record('{"price": 1.10}', { key: Buffer.from('k'), timestamp: 1_700_000_000_123 }),
  record(null, { key: Buffer.from([0xff, 0, 10]) }),
  record('', { key: Buffer.alloc(0) }),
  record('two\nlines\n'),
  record(`${'long '.repeat(5000)}`),
  { ...record('ünïcode'), value: Buffer.from([0, 0xff, 0xfe, 13, 10, 0]) },
  record('x', {
    headers: [
      { name: 'h', value: Buffer.from([0, 255]) },
      { name: 'h', value: Buffer.alloc(0) },
      { name: 'other', value: 'text' },
    ],
  }),
  record('last', { key: Buffer.from('k') }),
]

/** Side by side, apart, empty, with line ends, and more entries than are in use. */
const COLUMNS: ProducerColumns = {
  count: 5,
  data: Buffer.from('{"a":1}\n{"a":2}\n...two\nlines!last'),
  starts: Uint32Array.of(0, 8, 15, 19, 29, 7, 7),
  ends: Uint32Array.of(7, 15, 15, 28, 33, 9, 9),
  keys: [Buffer.from('k'), null, null, Buffer.alloc(0), Buffer.from('other')],
  timestamp: 1_700_000_000_123,
}

const OF_COLUMNS: readonly ProducerRecord[] = Array.from({ length: COLUMNS.count }, (_, index) => ({
  key: COLUMNS.keys?.[index] ?? null,
  value: COLUMNS.data.subarray(COLUMNS.starts[index], COLUMNS.ends[index]),
  timestamp: COLUMNS.timestamp,
  headers: [],
}))

function contentOf(sent: ProducerRecord) {
  const headers = sent.headers.map(({ name, value }) => [name, Buffer.from(value as string).toString('hex')])
  return { value: hex(sent.value), key: hex(sent.key), timestamp: sent.timestamp, headers }
}

function contentsOf(set: RecordSet) {
  return Array.from({ length: set.count }, (_, index) => {
    const value = set.isTombstone(index) ? null : set.data.subarray(set.starts[index], set.ends[index])
    const headers = set.headers(index)
    return contentOf({ value, key: set.key(index), timestamp: set.timestamp(index), headers })
  })
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes && Buffer.from(bytes).toString('hex')
}
