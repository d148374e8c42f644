import { expect, test } from 'vitest'
import type { Source, Turn } from '../../../engine/plugin.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import { memoryStorage } from '../../../test/contract/index.ts'
import type { Kafka } from '../../shared/kafka/port.ts'
import { sendValues, topicsOn } from '../../shared/kafka/topics.fixture.ts'
import type { Position } from './batches.ts'
import { aloneBegin, refuseIfTakenOver } from './begin.ts'
import kafka from './index.ts'
import { Places } from './places.ts'

const EVENTS = { topic: 'events', partition: 0 }
const STAND_BY = 'stands by: another process of the group reads'

test('with state behind it one source reads all partitions, and another of the group stands by until it is gone', async () => {
  const topics = await events(['a', 'b'])
  const [first, second] = [await reading(topics), await reading(topics)]
  expect(await first.read(2)).toEqual([2])
  const waiting = second.read(1)
  await until(() => second.said('info').length > 0)
  expect(second.said('info')).toEqual([STAND_BY])
  await first.source.commit?.(new Map([['events/0', { offset: 2 }]]))
  await first.close()
  await sendValues(topics, 'events', 0, ['c'])
  expect(await waiting).toEqual([3])
  expect(second.said('info')).toEqual([STAND_BY, 'its turn has come: reads now'])
  expect(second.said('warn')).toEqual([
    'goes on in events/0 at 2, where group shop is, without a state of its own: what was open in the state of whoever read before, such as windows, begins anew',
  ])
  await second.close()
})

test('it goes on where its own state stands, though another process of the group has come further', async () => {
  const topics = await events(['a', 'b', 'c', 'd'])
  const before = await reading(topics)
  await before.read(4)
  await before.source.commit?.(new Map([['events/0', { offset: 4 }]]))
  await before.close()
  const late = await reading(topics, new Map([['events/0', { offset: 1 }]]))
  expect(await late.read(3)).toEqual([4])
  expect(late.said('info')).toEqual([
    'reads events/0 from 1 on, where its state stands, though its group has come to 4',
  ])
  await late.close()
})

test('it keeps its place, which belongs to its state, when its group gathers again', async () => {
  const topics = await events(['a', 'b'])
  const first = await reading(topics)
  await first.read(2)
  const second = await reading(topics)
  void second.read(1)
  await until(() => second.said('info').length > 0)
  expect(first.context.released).toEqual([])
  await first.close()
  await second.close()
})

test('it ends with an error where another process has read on in place of it', async () => {
  const topics = await events(['a', 'b', 'c'])
  const other = await reading(topics)
  await other.read(3)
  await other.source.commit?.(new Map([['events/0', { offset: 3 }]]))
  await other.close()
  const context = sourceContext<Position>({ id: 'in' })
  const places = new Places(context.clock)
  expect(() => refuseIfTakenOver(places, context)).not.toThrow()
  places.handOver('events/0', 2, 3)
  const takenOver = { code: 'SR_KAFKA_TAKEN_OVER', exitCode: 75 }
  expect(() => refuseIfTakenOver(places, context)).toThrow(expect.objectContaining(takenOver))
  const settings = { start: 'earliest', offset_reset: 'fail' } as const
  const beginning = { group: 'shop', kafka: topics, places, created: new Map(), settings, context }
  await expect(aloneBegin(EVENTS, beginning)).rejects.toMatchObject(takenOver)
  places.handOver('events/0', 3, 3)
  expect(await aloneBegin(EVENTS, beginning)).toEqual({ ...EVENTS, offset: 3 })
})

test('it asks for its partitions when it is its turn, and passes the turn on when it has them', async () => {
  const topics = await events(['a'])
  let begin = () => {}
  let passed = 0
  const mine = new Promise<void>((resolve) => {
    begin = resolve
  })
  const turn: Turn = {
    mine: () => mine,
    stepAside() {},
    pass() {
      passed += 1
    },
  }
  const source = await reading(topics, new Map(), turn)
  const read = source.read(1)
  for (let round = 0; round < 50; round++) await undefined
  expect(await topics.committed('shop', 'events')).toEqual([undefined])
  expect(passed).toBe(0)
  begin()
  expect(await read).toEqual([1])
  expect(passed).toBe(1)
  await source.close()
})

async function events(values: readonly string[]): Promise<Kafka> {
  const topics = await topicsOn(memoryStorage())
  await topics.createTopic('events', { partitions: 1 })
  await sendValues(topics, 'events', 0, values)
  return topics
}

const NOW: Turn = { mine: async () => {}, stepAside() {}, pass() {} }

/** A source with state behind it, as one process has it. */
async function reading(topics: Kafka, positions: ReadonlyMap<string, Position> = new Map(), turn: Turn = NOW) {
  const context = { ...sourceContext<Position>({ id: 'in', connections: { shop: topics }, positions }), turn }
  const options = { connection: 'shop', topics: ['events'], group: 'shop', start: 'earliest', offset_reset: 'fail' }
  const source = (await kafka.open(options, context)) as Source<Position>
  const batches = source.batches()[Symbol.asyncIterator]()
  return {
    source,
    context,
    said: (level: string) => context.recorded.logs.filter((one) => one.level === level).map(({ message }) => message),
    /** Until so many records have come; says where it stands then. */
    async read(count: number): Promise<number[]> {
      const places = new Map<string, number>()
      for (let come = 0; come < count; ) {
        const { value, done } = await batches.next()
        if (done) break
        come += value.frames?.count ?? 0
        places.set(value.partition, value.position.offset)
      }
      return [...places.values()]
    },
    async close() {
      context.stop()
      await source.close?.()
    },
  }
}

/** Turns of the microtask queue only: nothing here waits for anything else. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !condition(); turn++) await undefined
  expect(condition()).toBe(true)
}
