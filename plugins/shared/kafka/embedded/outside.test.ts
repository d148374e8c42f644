import { expect, test } from 'vitest'
import type { Consumer, RecordSet } from '../port.ts'
import { type EmbeddedReader, openEmbeddedReader } from './index.ts'
import { openWorld, send, textsOf, type World } from './world.fixture.ts'

test('another process sees what is covered, as it comes, and nothing else', async () => {
  const world = await withTopic()
  const writer = await world.producer()
  await writer.checkpoints?.restore(undefined)
  const reader = await outside(world)
  const sets = (await consumerOf(reader)).records()[Symbol.asyncIterator]()
  await send(writer, 'events/0', 'a')
  await until(world, async () => world.clock.now() > Date.UTC(2026, 0, 1, 0, 0, 5))
  expect(await reader.client().offsets('events')).toEqual([{ earliest: 0, latest: 0 }])
  expect(await (await outside(world)).client().offsets('events')).toEqual([{ earliest: 0, latest: 0 }])
  await writer.checkpoints?.commit((await writer.checkpoints.flush()) ?? {})
  await send(writer, 'events/0', 'b')
  expect(await nextOf(world, sets)).toEqual(['events/0 0 a'])
  await writer.checkpoints?.commit((await writer.checkpoints.flush()) ?? {})
  expect(await nextOf(world, sets)).toEqual(['events/0 1 b'])
  expect(await reader.client().offsetsAt('events', 1)).toEqual([2])
  await reader.close()
})

test('it sees what a writer without checkpoints sends, and the positions of groups', async () => {
  const world = await withTopic()
  const reader = await outside(world)
  const sets = (await consumerOf(reader)).records()[Symbol.asyncIterator]()
  await send(await world.producer(), 'events/0', 'a')
  expect(await nextOf(world, sets)).toEqual(['events/0 0 a'])
  const member = await world.reader({ topics: ['events'], group: 'g' })
  await member.sets.next()
  await member.consumer.commit([{ topic: 'events', partition: 0, offset: 1 }])
  world.clock.advance(500)
  await until(world, async () => (await reader.client().committed('g', 'events'))[0] === 1)
  expect(await reader.client().groups()).toEqual(['g'])
})

test('it goes on where retention has left something', async () => {
  const world = await withTopic(1000)
  const writer = await world.producer()
  await send(writer, 'events/0', 'a')
  const reader = await outside(world)
  const sets = (await consumerOf(reader)).records()[Symbol.asyncIterator]()
  expect(await nextOf(world, sets)).toEqual(['events/0 0 a'])
  for (let sent = 0; sent < 50; sent++) await send(writer, 'events/0', 'x'.repeat(60))
  const [range] = await world.client().offsets('events')
  const [first = ''] = await nextOf(world, sets)
  expect(Number(first.split(' ')[1])).toBe(range?.earliest)
})

test('it takes no lock, and may not write', async () => {
  const world = await withTopic()
  const client = (await outside(world)).client()
  const signal = new AbortController().signal
  const locked = { code: 'SR_STATE_LOCKED' }
  await expect(client.createTopic('other', { partitions: 1 })).rejects.toMatchObject(locked)
  await expect(client.producer({ compression: 'none', owner: 'o', signal })).rejects.toMatchObject(locked)
  expect(await client.topics()).toMatchObject([{ name: 'events', partitions: 1 }])
})

test('of a folder that is not there it sees no topics', async () => {
  const reader = await openEmbeddedReader('/nowhere', await openWorld())
  expect(await reader.client().groups()).toEqual([])
  expect(await reader.client().topics()).toEqual([])
  await expect(reader.client().offsets('events')).rejects.toMatchObject({ code: 'SR_KAFKA_TOPIC' })
  await reader.close()
})

async function withTopic(retentionBytes?: number): Promise<World> {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1, retentionBytes })
  return world
}

function outside({ storage, clock, log }: World): Promise<EmbeddedReader> {
  return openEmbeddedReader('/topics', { storage, clock, log })
}

function consumerOf(reader: EmbeddedReader): Promise<Consumer> {
  return reader.client().consumer({
    topics: ['events'],
    group: undefined,
    assigned: async (partitions) => partitions.map((place) => ({ ...place, offset: 0 })),
    revoked: async () => {},
    outOfRange: async (_, { earliest }) => earliest,
    signal: new AbortController().signal,
  })
}

/** The clock goes on until the next set comes. */
async function nextOf(world: World, sets: AsyncIterator<RecordSet>): Promise<string[]> {
  let set: RecordSet | undefined
  const coming = sets.next().then(({ value }) => {
    set = value
  })
  await until(world, async () => set !== undefined)
  await coming
  return set === undefined ? [] : textsOf(set)
}

async function until(world: World, condition: () => Promise<boolean>): Promise<void> {
  for (let look = 0; look < 100 && !(await condition()); look++) {
    world.clock.advance(500)
    for (let turn = 0; turn < 500; turn++) await undefined
  }
}
