import { expect, test, vi } from 'vitest'
import { openWorld, read, recordOf, send, type World } from './world.fixture.ts'

test('gives back what was sent, in order, with its offsets', async () => {
  const world = await openWorld()
  const kafka = world.client()
  expect(await kafka.createTopic('events', { partitions: 2 })).toBe(true)
  const producer = await world.producer()
  await send(producer, 'events/0', 'a', 'b')
  await send(producer, 'events/1', 'c')
  await send(producer, 'events/0', 'd')
  const reader = await world.reader({ topics: ['events'] })
  expect((await read(reader, 4)).sort()).toEqual(['events/0 0 a', 'events/0 1 b', 'events/0 2 d', 'events/1 0 c'])
  expect(await kafka.offsets('events')).toEqual([
    { earliest: 0, latest: 3 },
    { earliest: 0, latest: 1 },
  ])
})

test('what was sent without checkpoints is there after a power cut', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  await send(await world.producer(), 'events/0', 'a', 'b')
  const again = await world.cutPower(1)
  expect(await read(await again.reader({ topics: ['events'] }), 2)).toEqual(['events/0 0 a', 'events/0 1 b'])
})

test('keeps null keys, tombstones and empty values apart', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const producer = await world.producer()
  const values = [null, Buffer.alloc(0), Buffer.from('x')]
  await producer.send(
    'events',
    0,
    values.map((value) => ({ ...recordOf(''), value, key: value })),
  )
  const reader = await world.reader({ topics: ['events'] })
  for await (const set of reader.consumer.records()) {
    expect([0, 1, 2].map((index) => set.isTombstone(index))).toEqual([true, false, false])
    expect([0, 1, 2].map((index) => set.key(index))).toEqual(values)
    break
  }
})

test('members of a group share the partitions, and go on where the group has committed', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 4 })
  const producer = await world.producer()
  const first = await groupReader(world)
  await vi.waitUntil(() => first.owned.size === 4)
  for (const partition of [0, 1, 2, 3]) await send(producer, `events/${partition}`, 'a', 'b')
  await read(first.reader, 8)
  await first.reader.consumer.commit([0, 1, 2, 3].map((partition) => ({ topic: 'events', partition, offset: 1 })))
  const second = await groupReader(world)
  await vi.waitUntil(() => second.owned.size === 2)
  expect([...first.owned, ...second.owned].sort()).toEqual([0, 1, 2, 3])
  expect((await read(second.reader, 2)).sort()).toEqual([...second.owned].map((number) => `events/${number} 1 b`))
  await first.reader.consumer.close()
  await vi.waitUntil(() => second.owned.size === 4)
  expect(await world.client().committed('g', 'events')).toEqual([1, 1, 1, 1])
  expect(await world.client().groups()).toEqual(['g'])
})

test('what a writer has not committed is taken back, and its topic goes on from there', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const writer = await world.producer()
  await writer.checkpoints?.restore(undefined)
  await send(writer, 'events/0', 'a')
  const state = await writer.checkpoints?.flush()
  await writer.checkpoints?.commit(state ?? {})
  await send(writer, 'events/0', 'b')
  const next = await world.restart()
  expect(await next.client().offsets('events')).toEqual([{ earliest: 0, latest: 1 }])
  const again = await next.producer()
  await again.checkpoints?.restore(state)
  await send(again, 'events/0', 'c')
  expect(await read(await next.reader({ topics: ['events'] }), 2)).toEqual(['events/0 0 a', 'events/0 1 c'])
})

async function groupReader(world: World) {
  const owned = new Set<number>()
  const client = world.client()
  const reader = await world.reader({
    topics: ['events'],
    group: 'g',
    async assigned(partitions) {
      const committed = await client.committed('g', 'events')
      for (const { partition } of partitions) owned.add(partition)
      return partitions.map((place) => ({ ...place, offset: committed[place.partition] ?? 0 }))
    },
    async revoked(partitions) {
      for (const { partition } of partitions) owned.delete(partition)
    },
  })
  return { reader, owned }
}
