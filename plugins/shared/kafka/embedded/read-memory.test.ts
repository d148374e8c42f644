import { expect, test } from 'vitest'
import { whenLast } from '../../memory-pool.ts'
import { ReadMemory, readPool } from './read-memory.ts'
import { openWorld, recordOf, textsOf } from './world.fixture.ts'

const LARGE = 1_000_000

test('the memory of a read is used again when the last of its sets is released, and not before', () => {
  const pool = readPool()
  const read = () => new ReadMemory(pool)
  const first = read()
  const memory = first.room(LARGE)
  const release = whenLast(2, first.giveBack)
  release()
  expect(read().room(LARGE) === memory).toBe(false)
  release()
  expect(read().room(LARGE) === memory).toBe(true)
})

test('a read that needs more room than it thought gives back what it had', () => {
  const pool = readPool()
  const first = new ReadMemory(pool)
  const memory = first.room(LARGE)
  expect(first.room(10 * LARGE) === memory).toBe(false)
  expect(new ReadMemory(pool).room(LARGE) === memory).toBe(true)
})

test('a small set stands in memory of its own size, so that a queue holds no more than it counts', () => {
  expect(new ReadMemory(readPool()).room(100).buffer.byteLength).toBe(100)
})

test('a reader that releases its sets gets all records in the same few pieces of memory; one that does not, keeps all', async () => {
  const world = await openWorld({ segmentSize: 20_000_000 })
  await world.client().createTopic('events', { partitions: 1 })
  const producer = await world.producer()
  const values = Array.from({ length: 40 }, (_, index) => `${index} `.padEnd(LARGE, '.'))
  for (const value of values) await producer.send('events', 0, [recordOf(value)])
  await producer.close()
  const expected = values.map((value, index) => `events/0 ${index} ${value}`)

  const memories = new Set<ArrayBufferLike>()
  const releasing = await world.reader({ topics: ['events'], untilEnd: true })
  for await (const set of { [Symbol.asyncIterator]: () => releasing.sets }) {
    memories.add(set.data.buffer)
    expect(textsOf(set)).toEqual([expected.shift()])
    set.release?.()
  }
  expect(expected).toEqual([])
  expect(memories.size).toBeLessThan(5)

  const kept = []
  const keeping = await world.reader({ topics: ['events'], untilEnd: true })
  for await (const set of { [Symbol.asyncIterator]: () => keeping.sets }) kept.push(set)
  expect(kept.flatMap(textsOf)).toEqual(values.map((value, index) => `events/0 ${index} ${value}`))
})
