import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../port.ts'
import { openWorld, read, recordOf, send, textsOf, type World } from './world.fixture.ts'

describe('a reader that is ahead of what is covered', () => {
  test('ends with an error when the writer ends without committing it', async () => {
    const { world, writer, reader } = await ahead()
    expect(await read(reader, 2)).toEqual(['events/0 0 a', 'events/0 1 b'])
    const covering = reader.covered(2)
    const waiting = read(reader, 1)
    await writer.close()
    const fault = {
      code: 'SR_KAFKA_OFFSETS',
      message:
        'the records of events/0 from 1 on are taken back: shop/sink ended before it committed them; ' +
        'the next start reads on from the last epoch',
    }
    await expect(waiting).rejects.toMatchObject(fault)
    await expect(covering).rejects.toMatchObject(fault)
    const next = await world.reader({ topics: ['events'], begin: 1 })
    await send(await restored(world), 'events/0', 'c')
    expect(await read(next, 1)).toEqual(['events/0 1 c'])
  })

  test('goes on when it had not got that far, and never sees what was taken back', async () => {
    const { world, writer, reader } = await ahead()
    // Both sets come with one read; the second is not handed out.
    expect(textsOf((await reader.sets.next()).value)).toEqual(['events/0 0 a'])
    await writer.close()
    const waiting = read(reader, 1)
    await send(await restored(world), 'events/0', 'c')
    expect(await waiting).toEqual(['events/0 1 c'])
  })

  test('finds its place among the blocks that stand where others were taken back', async () => {
    const { world, writer, reader } = await ahead()
    await send(writer, 'events/0', 'c')
    await read(reader, 3)
    await writer.close()
    await send(await restored(world), 'events/0', 'd', 'e', 'f')
    const next = await world.reader({ topics: ['events'], begin: 2 })
    expect(await read(next, 2)).toEqual(['events/0 2 e', 'events/0 3 f'])
  })

  test('goes on when everything was committed before the writer ended', async () => {
    const { writer, reader } = await ahead()
    await read(reader, 2)
    await writer.checkpoints?.commit((await writer.checkpoints?.flush()) ?? {})
    await writer.close()
    await reader.covered(2)
    reader.abort()
    expect(await read(reader, 1)).toEqual([])
  })

  test('is told that it is covered, also when it has been told to end, only when its writer has committed', async () => {
    const { writer, reader } = await ahead()
    await read(reader, 2)
    const events: string[] = []
    const covering = reader.covered(2).then(() => events.push('covered'))
    reader.abort()
    await read(reader, 1)
    events.push('ended')
    await writer.checkpoints?.commit((await writer.checkpoints?.flush()) ?? {})
    await covering
    expect(events).toEqual(['ended', 'covered'])
  })

  test('is told that it never will be, also when it has been told to end, when its writer ends without', async () => {
    const { writer, reader } = await ahead()
    await read(reader, 2)
    reader.abort()
    await read(reader, 1)
    const covering = reader.covered(2)
    await writer.close()
    await expect(covering).rejects.toMatchObject({ name: 'TakenBack', code: 'SR_KAFKA_OFFSETS' })
  })

  test('waits no more for the writer when it gives up', async () => {
    const { reader } = await ahead()
    await read(reader, 2)
    const covering = reader.covered(2)
    reader.giveUp()
    await covering
  })

  async function ahead() {
    const world = await withTopic()
    const writer = await restored(world)
    await send(writer, 'events/0', 'a')
    await writer.checkpoints?.commit((await writer.checkpoints?.flush()) ?? {})
    await send(writer, 'events/0', 'b')
    return { world, writer, reader: await world.reader({ topics: ['events'] }) }
  }
})

test('until its writer is back, a topic shows what is covered and nothing behind it', async () => {
  const world = await withTopic()
  const writer = await restored(world)
  await send(writer, 'events/0', 'a')
  const state = (await writer.checkpoints?.flush()) ?? {}
  await writer.checkpoints?.commit(state)
  await send(writer, 'events/0', 'b')
  const next = await world.restart()
  const reader = await next.reader({ topics: ['events'] })
  expect(await read(reader, 1)).toEqual(['events/0 0 a'])
  const waiting = read(reader, 1)
  const again = await next.producer()
  await again.checkpoints?.restore(state)
  await send(again, 'events/0', 'c')
  expect(await waiting).toEqual(['events/0 1 c'])
})

describe('retention', () => {
  test('removes the oldest records by size, says so, and offsets go on', async () => {
    const world = await withTopic({ retentionBytes: 1000 })
    await fill(world)
    const [range] = await world.client().offsets('events')
    expect(range?.latest).toBe(50)
    expect(range?.earliest).toBeGreaterThan(30)
    expect(world.logged.map(({ level }) => level)).toContain('info')
    const next = await world.restart()
    expect((await next.client().offsets('events'))[0]).toEqual(range)
    await send(await next.producer(), 'events/0', 'more')
    expect(await read(await next.reader({ topics: ['events'], begin: 50 }), 1)).toEqual(['events/0 50 more'])
  })

  test('removes them by age', async () => {
    const world = await withTopic({ retentionMs: 1000 })
    await fill(world)
    expect((await world.client().offsets('events'))[0]?.earliest).toBe(0)
    world.clock.advance(1001)
    await send(await world.producer('other'), 'events/0', 'young')
    expect((await world.client().offsets('events'))[0]).toMatchObject({ earliest: expect.any(Number), latest: 51 })
    expect((await world.client().offsets('events'))[0]?.earliest).toBeGreaterThan(0)
  })

  test('removes nothing that is not covered', async () => {
    const world = await withTopic({ retentionBytes: 100 })
    const writer = await restored(world)
    for (let sent = 0; sent < 30; sent++) await send(writer, 'events/0', 'x'.repeat(100))
    expect((await world.client().offsets('events'))[0]?.earliest).toBe(0)
    await writer.checkpoints?.commit((await writer.checkpoints?.flush()) ?? {})
    expect((await world.client().offsets('events'))[0]?.earliest).toBeGreaterThan(20)
  })

  test('asks a reader that it has overtaken where to go on (KA-14)', async () => {
    const world = await withTopic({ retentionBytes: 1000 })
    const writer = await world.producer()
    for (let sent = 0; sent < 5; sent++) await send(writer, 'events/0', `${sent}`)
    const asked: number[] = []
    const reader = await world.reader({
      topics: ['events'],
      async outOfRange({ offset }, { earliest }) {
        asked.push(offset)
        return earliest
      },
    })
    await read(reader, 1)
    for (let sent = 5; sent < 100; sent++) await send(writer, 'events/0', 'x'.repeat(100))
    const [range] = await world.client().offsets('events')
    const rest = []
    for (let left = true; left; ) {
      const [text = ''] = await read(reader, 1)
      rest.push(Number(text.split(' ')[1]))
      left = rest.at(-1) !== 99
    }
    expect(asked).toHaveLength(1)
    expect(rest.at(-1)).toBe(99)
    expect(rest).toContain(range?.earliest)
  })

  async function fill(world: World): Promise<void> {
    const writer = await world.producer()
    for (let sent = 0; sent < 50; sent++) await send(writer, 'events/0', 'x'.repeat(60))
    await writer.close()
  }
})

test('finds the first record of a time, in whatever order the times are', async () => {
  const blocks = fc.array(fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }), { maxLength: 12 })
  const property = fc.asyncProperty(blocks, fc.integer({ min: -1, max: 31 }), async (sends, wanted) => {
    const world = await withTopic()
    const writer = await world.producer()
    for (const times of sends)
      await writer.send(
        'events',
        0,
        times.map((timestamp) => recordOf('x', { timestamp })),
      )
    const times = sends.flat()
    const expected = times.findIndex((time) => time >= wanted)
    const [found] = await (await world.restart()).client().offsetsAt('events', wanted)
    expect(found).toBe(expected === -1 ? times.length : expected)
  })
  await fc.assert(property)
})

test('reads on from any offset', async () => {
  const property = fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }), async (counts) => {
    const world = await withTopic()
    const writer = await world.producer()
    let end = 0
    for (const count of counts) {
      await send(writer, 'events/0', ...Array.from({ length: count }, () => `${end++}`))
    }
    for (let from = 0; from < end; from++) {
      const reader = await world.reader({ topics: ['events'], begin: (partition) => (partition === 0 ? from : 0) })
      expect(await read(reader, 1)).toEqual([`events/0 ${from} ${from}`])
      await reader.consumer.close()
    }
  })
  await fc.assert(property, { numRuns: 20 })
})

async function withTopic(settings: { retentionBytes?: number; retentionMs?: number } = {}): Promise<World> {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 2, ...settings })
  return world
}

async function restored(world: World): Promise<Producer> {
  const writer = await world.producer()
  const committed = (await world.client().offsets('events'))[0]?.latest ?? 0
  await writer.checkpoints?.restore(committed === 0 ? undefined : { 'events/0': committed })
  return writer
}
