import { describe, expect, test } from 'vitest'
import type { Producer, ProducerState } from '../port.ts'
import { openWorld, read, recordOf, send, type World } from './world.fixture.ts'

describe('a writer with checkpoints', () => {
  test('syncs at its checkpoints, not for every send', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    world.storage.failNext('sync', 'EIO')
    for (let sent = 0; sent < 3; sent++) await send(writer, 'events/0', 'b')
    await expect(writer.checkpoints?.flush()).rejects.toMatchObject({ code: 'SR_IO' })
    await expect(send(writer, 'events/0', 'c')).rejects.toMatchObject({ code: 'SR_IO' })
  })

  test('lets what it wrote be read at once, and covers it when it is committed (I-1)', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    const reader = await world.reader({ topics: ['events'] })
    expect(await read(reader, 1)).toEqual(['events/0 0 a'])
    let isCovered = false
    const covering = reader.covered(1).then(() => {
      isCovered = true
    })
    const state = await writer.checkpoints?.flush()
    await turns()
    expect(isCovered).toBe(false)
    await writer.checkpoints?.commit(state ?? {})
    await covering
  })

  test('takes note of its state when it is asked to flush: what is sent meanwhile belongs to the next epoch', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    const flushing = writer.checkpoints?.flush()
    await send(writer, 'events/0', 'b')
    expect(await flushing).toEqual({ 'events/0': 1 })
  })

  test('keeps every partition that it ever wrote to in its state', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    await send(writer, 'events/1', 'b')
    const state = await commit(writer)
    const again = await restored(await world.restart(), state)
    expect(await again.checkpoints?.flush()).toEqual({ 'events/0': 1, 'events/1': 1 })
  })

  test('takes nothing back of what another has committed since', async () => {
    const world = await withTopic()
    const first = await restored(world, undefined, 'first')
    await send(first, 'events/0', 'a')
    const state = await commit(first)
    await first.close()
    const second = await restored(world, undefined, 'second')
    await send(second, 'events/0', 'b')
    await commit(second)
    await second.close()
    await restored(world, state, 'first')
    expect(await read(await world.reader({ topics: ['events'] }), 2)).toEqual(['events/0 0 a', 'events/0 1 b'])
  })

  test('started over, it keeps what it had committed', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    await commit(writer)
    await send(writer, 'events/0', 'b')
    const next = await world.restart()
    await send(await restored(next), 'events/0', 'c')
    expect(await read(await next.reader({ topics: ['events'] }), 2)).toEqual(['events/0 0 a', 'events/0 1 c'])
  })

  test('says so when the topic holds more than its checkpoint knows of', async () => {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    const old = await commit(writer)
    await send(writer, 'events/0', 'b')
    await commit(writer)
    const next = await world.restart()
    await restored(next, old)
    expect(next.logged.map(({ level }) => level)).toEqual(['warn'])
  })

  test('is refused when the topic ends before its checkpoint, or is gone', async () => {
    const world = await withTopic()
    await expect(restored(world, { 'events/0': 3 })).rejects.toMatchObject({
      code: 'SR_KAFKA_OFFSETS',
      message: 'events/0 ends at 0, but shop/sink has committed its records up to 3',
    })
    await expect(restored(world, { 'gone/0': 3 })).rejects.toMatchObject({ code: 'SR_KAFKA_TOPIC' })
  })
})

describe('a topic has one writer', () => {
  test('a second one is refused while the first is there, and not after', async () => {
    const world = await withTopic()
    const first = await world.producer('first', ['events'])
    await expect(world.producer('second', ['events'])).rejects.toMatchObject({
      code: 'SR_TWO_WRITERS',
      message: 'first writes to the topic events, so second cannot: an embedded topic has one writer',
    })
    const second = await world.producer('second')
    await expect(send(second, 'events/0', 'a')).rejects.toMatchObject({ code: 'SR_TWO_WRITERS' })
    await first.close()
    await send(second, 'events/0', 'a')
  })

  test('who left uncommitted records must come back before another may write behind them', async () => {
    const world = await withTopic()
    const first = await restored(world, undefined, 'first')
    await send(first, 'events/0', 'a')
    await first.close()
    const second = await world.producer('second')
    await expect(send(second, 'events/0', 'b')).rejects.toMatchObject({
      code: 'SR_TWO_WRITERS',
      message: expect.stringContaining('start first once'),
    })
    await second.close()
    const again = await restored(world, undefined, 'first')
    await again.close()
    await expect(world.client().offsets('events')).resolves.toMatchObject([{ latest: 0 }, { latest: 0 }])
    await send(await restored(world, undefined, 'third'), 'events/0', 'c')
  })

  test('keeps readers that read to the end until it is closed', async () => {
    const world = await withTopic()
    const writer = await world.producer('writer', ['events'])
    const reader = await world.reader({ topics: ['events'], untilEnd: true })
    const reading = read(reader, 2)
    await send(writer, 'events/0', 'last')
    await writer.close()
    expect(await reading).toEqual(['events/0 0 last'])
  })
})

describe('a writer without checkpoints', () => {
  test('is read only when what it sent is durable', async () => {
    const world = await withTopic()
    const writer = await world.producer()
    await send(writer, 'events/0', 'a')
    world.storage.failNext('sync', 'EIO')
    await expect(send(writer, 'events/0', 'b')).rejects.toMatchObject({ code: 'SR_IO' })
    expect(await world.client().offsets('events')).toMatchObject([{ latest: 1 }, { latest: 0 }])
  })

  test('may write behind what another has committed, and leaves all of it covered', async () => {
    const world = await withTopic()
    const first = await restored(world, undefined, 'first')
    await send(first, 'events/0', 'a')
    await commit(first)
    await first.close()
    await send(await world.producer('second'), 'events/0', 'b')
    const next = await world.cutPower(1)
    expect(await read(await next.reader({ topics: ['events'] }), 2)).toEqual(['events/0 0 a', 'events/0 1 b'])
  })
})

test('of a call that meets a full disk nothing is there, however many blocks it takes (F-7, DC-04)', async () => {
  const world = await openWorld({ segmentSize: 1_000_000 })
  await world.client().createTopic('events', { partitions: 1 })
  const writer = await restored(world)
  await send(writer, 'events/0', 'first')
  const large = Array.from({ length: 5 }, () => recordOf('x'.repeat(400_000)))
  // Some blocks fit, in a segment or two.
  world.storage.setSpace(1_500_000)
  await expect(writer.send('events', 0, large)).rejects.toMatchObject({ name: 'RetryableError', message: 'disk full' })
  expect(await world.client().offsets('events')).toEqual([{ earliest: 0, latest: 1 }])
  world.storage.setSpace(10_000_000)
  await writer.send('events', 0, large)
  expect(await world.client().offsets('events')).toEqual([{ earliest: 0, latest: 6 }])
  const next = await world.restart()
  await restored(next, { 'events/0': 6 })
  const texts = await read(await next.reader({ topics: ['events'] }), 6)
  expect(texts.map((text) => text.slice(0, 15))).toEqual([
    'events/0 0 firs',
    ...[1, 2, 3, 4, 5].map((offset) => `events/0 ${offset} xxxx`),
  ])
})

async function withTopic(): Promise<World> {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 2 })
  return world
}

async function restored(world: World, state?: ProducerState, owner?: string): Promise<Producer> {
  const writer = await world.producer(owner)
  await writer.checkpoints?.restore(state)
  return writer
}

async function commit(writer: Producer): Promise<ProducerState> {
  const state = (await writer.checkpoints?.flush()) ?? {}
  await writer.checkpoints?.commit(state)
  return state
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) await undefined
}
