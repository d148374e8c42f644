import { describe, expect, test, vi } from 'vitest'
import { createCodec } from '../../../engine/codec/index.ts'
import { readOptions } from '../../../engine/options.ts'
import { type Batch, framesBatch, type Json, PartialWriteError, recordsBatch } from '../../../engine/plugin.ts'
import { memoryStorage, sinkContext } from '../../../test/contract/index.ts'
import { type Kafka, type Producer, type ProducerColumns, RefusedRecords } from '../../shared/kafka/port.ts'
import { topicsOn, valuesOf } from '../../shared/kafka/topics.fixture.ts'
import kafka from './index.ts'

const LINES = ['{"user": "a", "n": 1}', '{"n": 2}', '{"user": "b", "n": 3}', '{"user": "a", "n": 4}', '{"user": "ü"}']

/** What three partitions hold behind batches, and which records were refused. */
async function written(options: { readonly [name: string]: Json }, batches: readonly Batch[], producing = {}) {
  const topics = await topicsOn(memoryStorage())
  const context = sinkContext({ connections: { shop: changed(topics, producing) } })
  const chosen = { connection: 'shop', topic: 'events', create: { partitions: 3 }, ...options }
  const sink = await kafka.open(readOptions(kafka.options, chosen), context)
  const refused: Json[] = []
  for (const batch of batches) {
    await sink.write(batch).catch((error: unknown) => {
      if (!(error instanceof PartialWriteError)) throw error
      refused.push(...[...error.failed.keys()].map(({ value }) => value))
    })
  }
  await sink.close?.()
  return { values: await valuesOf(topics, 'events'), refused }
}

describe.each([
  ['without a key', {}],
  ['with a key that some records lack', { key: 'user' }],
])('a batch that is still bytes, %s', (_, options) => {
  test('is written as its records are written one by one', async () => {
    const batches = () => [batchOf(LINES), batchOf(LINES.slice(1)), batchOf(LINES.slice(0, 1))]
    const asRecords = batches().map(({ records }) => recordsBatch(records))
    expect(await written(options, batches())).toEqual(await written(options, asRecords))
  })

  test('is sent without a record of the port for each of them', async () => {
    const send = vi.fn()
    const { values } = await written(options, [batchOf(LINES)], { send })
    expect(values.flat()).not.toEqual([])
    expect(send).not.toHaveBeenCalled()
  })
})

test('whoever reads the values learns which codec they have passed', async () => {
  const sent: ProducerColumns[] = []
  const sendColumns: Producer['sendColumns'] = async (_topic, _partition, columns) => void sent.push(columns)
  await written({}, [batchOf(LINES)], { sendColumns })
  expect(sent.map(({ checkedBy }) => checkedBy)).toEqual(['json'])
})

test('a record that the topic refuses is named', async () => {
  const sendColumns = () => Promise.reject(new RefusedRecords(new Map([[1, 'too large']])))
  const lines = LINES.filter((line) => line.includes('"a"'))
  const { refused } = await written({ key: 'user' }, [batchOf(lines)], { sendColumns })
  expect(refused).toEqual([{ user: 'a', n: 4 }])
})

function batchOf(lines: readonly string[]): Batch {
  const data = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('\n')))
  const starts = lines.map((_, index) => (index === 0 ? 0 : (ends[index - 1] as number) + 1))
  const columns = {
    starts: Uint32Array.from(starts),
    ends: Uint32Array.from(ends),
    lines: Uint32Array.from(ends.keys()),
  }
  const frames = { data, ...columns, count: lines.length, base: { offset: 0, line: 1 } }
  const from = { component: 'log', partition: 'file', timestamp: 1000 }
  return framesBatch(createCodec('json').check(frames, from).good)
}

/** Topics whose producers have these methods in the place of their own. */
function changed(topics: Kafka, producing: Partial<Producer>): Kafka {
  return withMethods(topics, {
    producer: async (settings) => withMethods(await topics.producer(settings), producing),
  })
}

function withMethods<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, name) {
      const found = Reflect.get(methods, name) ?? Reflect.get(target, name, target)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}
