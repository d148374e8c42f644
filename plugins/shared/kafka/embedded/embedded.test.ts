import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { diskStorage, type Storage } from '../../../../engine/storage.ts'
import { manualClock } from '../../../../engine/trial/manual-clock.ts'
import { testContext } from '../../../../test/contract/context.ts'
import { openEmbeddedTopics } from './index.ts'
import { openWorld, read, recordOf, send } from './world.fixture.ts'

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

test('one client closes what it opened, and nothing of the others', async () => {
  const world = await openWorld()
  const client = world.client()
  await client.createTopic('events', { partitions: 1 })
  const signal = new AbortController().signal
  await client.producer({ compression: 'none', owner: 'one', topics: ['events'], signal })
  const reader = await world.reader({ topics: ['events'] })
  await client.close()
  await send(await world.producer('other'), 'events/0', 'a')
  expect(await read(reader, 1)).toEqual(['events/0 0 a'])
})

test('a topic that somebody removed and made again knows nothing of the old one', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const writer = await world.producer()
  await writer.checkpoints?.restore(undefined)
  await send(writer, 'events/0', 'a')
  await writer.checkpoints?.commit((await writer.checkpoints.flush()) ?? {})
  for (const path of ['topic.json', '0/0000000000000000.log']) await world.storage.remove(`/topics/events/${path}`)
  const next = await world.restart()
  expect(await next.client().topics()).toEqual([])
  expect(await next.client().createTopic('events', { partitions: 2 })).toBe(true)
  expect(await next.client().offsets('events')).toEqual([
    { earliest: 0, latest: 0 },
    { earliest: 0, latest: 0 },
  ])
})

test('records that are committed and not there any more are an error, not an empty topic (I-5)', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const writer = await world.producer()
  await writer.checkpoints?.restore(undefined)
  await send(writer, 'events/0', 'a')
  await writer.checkpoints?.commit((await writer.checkpoints.flush()) ?? {})
  await world.storage.remove('/topics/events/0/0000000000000000.log')
  const next = await world.restart()
  await expect(next.client().offsets('events')).rejects.toMatchObject({
    code: 'SR_KAFKA_OFFSETS',
    message: 'events/0 ends at 0, but its records up to 1 are committed',
  })
})

test('a topic of a later version is refused', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  await write(world.storage, '/topics/events/topic.json', '{"version": 2}')
  await expect(world.client().topics()).rejects.toMatchObject({ code: 'SR_LOG_VERSION' })
  await write(world.storage, '/topics/events/topic.json', '{"vers')
  await expect(world.client().topics()).rejects.toMatchObject({ code: 'SR_LOG_CORRUPT' })
})

test('a topic that the power kept from being made is none, and can be made', async () => {
  for (let seed = 0; seed < 50; seed++) {
    const world = await openWorld()
    world.storage.failNext(seed % 2 === 0 ? 'rename' : 'sync', 'EIO')
    await expect(world.client().createTopic('events', { partitions: 1 })).rejects.toMatchObject({ code: 'SR_IO' })
    const next = await world.cutPower(seed)
    expect(await next.client().topics()).toEqual([])
    expect(await next.client().createTopic('events', { partitions: 1 })).toBe(true)
    expect(await (await next.cutPower(seed)).client().topics()).toHaveLength(1)
  }
})

test('a second process is refused, with the topics and the first one named (D-6)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'streamrun-topics-'))
  const settings = { storage: diskStorage(), clock: manualClock(), log: testContext().log }
  const first = await openEmbeddedTopics(folder, settings)
  await expect(openEmbeddedTopics(folder, settings)).rejects.toMatchObject({
    code: 'SR_STATE_LOCKED',
    message: expect.stringContaining(`the folder of embedded topics ${folder} is in use by process ${process.pid} on `),
  })
  await first.close()
  await (await openEmbeddedTopics(folder, settings)).close()
  await rm(folder, { recursive: true })
})

async function write(storage: Storage, path: string, text: string): Promise<void> {
  const file = await storage.open(path, 'edit')
  await file.truncate(0)
  await file.write([Buffer.from(text)], 0)
}
