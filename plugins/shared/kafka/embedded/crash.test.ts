import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Producer, ProducerState } from '../port.ts'
import { openWorld, type Reader, read, recordOf, type World } from './world.fixture.ts'

/** What must be so, by partition. A value is its own name, so that none can stand for another. */
interface Model {
  /** All that was sent and not taken back, by offset. */
  readonly sent: string[][]
  /** The writer's last epoch: what it is brought back to. */
  epoch: number[]
  /** What the topics were told of it. */
  covered: number[]
  committed: (number | undefined)[]
  /** States of `flush` that are no epoch yet. */
  flushed: ProducerState | undefined
  names: number
}

interface Real {
  world: World
  producer: Producer
  readonly seen: Seen
}

/** How often the interesting things happened: a run in which they never do proves nothing. */
interface Seen {
  crashes: number
  takenBack: number
  full: number
  expired: number
  untold: number
}

type Step = (model: Model, real: Real) => Promise<void>

const PARTITIONS = [0, 1]
const partition = fc.constantFrom(...PARTITIONS)
const size = fc.integer({ min: 1, max: 4 })

const put = fc.tuple(partition, size).map(
  ([number, count]): Step =>
    async (model, { producer }) => {
      const values = names(model, count)
      await producer.send(
        'events',
        number,
        values.map((value) => recordOf(value)),
      )
      model.sent[number]?.push(...values)
    },
)

const putOnFullDisk = fc.tuple(partition, size, fc.nat(400)).map(
  ([number, count, room]): Step =>
    async (model, { world, producer, seen }) => {
      const values = names(model, count)
      world.storage.setSpace((await usedBy(world)) + room)
      const sending = producer.send(
        'events',
        number,
        values.map((value) => recordOf(value)),
      )
      const error = await sending.then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      world.storage.setSpace(Number.POSITIVE_INFINITY)
      if (error === undefined) model.sent[number]?.push(...values)
      else expect(error).toMatchObject({ name: 'RetryableError', message: 'disk full' })
      if (error !== undefined) seen.full++
    },
)

const flush = fc.constant<Step>(async (model, { producer }) => {
  model.flushed = await producer.checkpoints?.flush()
})

/** The writer's epoch becomes durable, elsewhere; the topics may be told of it, or never. */
const commit = fc.boolean().map(
  (told): Step =>
    async (model, { producer, seen }) => {
      if (model.flushed === undefined) return
      const { flushed } = model
      model.flushed = undefined
      model.epoch = PARTITIONS.map((number) => flushed[`events/${number}`] ?? 0)
      if (!told) seen.untold++
      if (!told) return
      await producer.checkpoints?.commit(flushed)
      model.covered = model.epoch
    },
)

const commitGroup = fc.tuple(partition, fc.nat(20)).map(
  ([number, offset]): Step =>
    async (model, { world }) => {
      const reader = await member(world)
      await reader.consumer.commit([{ topic: 'events', partition: number, offset }])
      await reader.consumer.close()
      for (const one of PARTITIONS) model.committed[one] ??= 0
      model.committed[number] = offset
    },
)

const look = fc.constant<Step>((model, { world, seen }) => expectHolds(world, model, model.sent.map(lengthOf), seen))

/** The power goes while a call is under way, or none is. */
const crash = fc.tuple(fc.integer(), fc.constantFrom('none', 'send', 'flush', 'commit'), fc.nat(60)).map(
  ([seed, call, turns]): Step =>
    async (model, real) => {
      begin(call, model, real).catch(() => {})
      for (let turn = 0; turn < turns; turn++) await undefined
      real.world = await real.world.cutPower(seed)
      real.seen.crashes++
      await recover(model, real, seed)
    },
)

const restart = fc.constant<Step>(async (model, real) => {
  real.world = await real.world.restart()
  await recover(model, real, 0)
})

test('holds what was committed and nothing else after any power cut, with the same offsets (I-3, R-8)', async () => {
  const seen: Seen = { crashes: 0, takenBack: 0, full: 0, expired: 0, untold: 0 }
  const step = fc.oneof(
    put,
    put,
    put,
    put,
    putOnFullDisk,
    flush,
    flush,
    commit,
    commit,
    commitGroup,
    look,
    crash,
    restart,
  )
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
    const world = await openWorld({ segmentSize: 200 })
    await world.client().createTopic('events', { partitions: 2, retentionBytes: 300 })
    const model: Model = { sent: [[], []], epoch: [0, 0], covered: [0, 0], committed: [], flushed: undefined, names: 0 }
    const real: Real = { world, producer: await world.producer(), seen }
    await real.producer.checkpoints?.restore(undefined)
    for (const one of steps) await one(model, real)
    await expectHolds(real.world, model, model.sent.map(lengthOf), seen)
  })
  await fc.assert(property, { numRuns: 150 })
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})

test('what a writer without checkpoints was told is sent survives any power cut', async () => {
  const sizes = fc.array(fc.tuple(partition, size), { minLength: 1, maxLength: 15 })
  const property = fc.asyncProperty(sizes, fc.integer(), fc.nat(40), async (sends, seed, turns) => {
    const world = await openWorld()
    await world.client().createTopic('events', { partitions: 2 })
    const model: Model = { sent: [[], []], epoch: [], covered: [], committed: [], flushed: undefined, names: 0 }
    const producer = await world.producer()
    for (const [number, count] of sends) {
      const values = names(model, count)
      await producer.send(
        'events',
        number,
        values.map((value) => recordOf(value)),
      )
      model.sent[number]?.push(...values)
    }
    // One more may be there as a whole, or not at all.
    const last = names(model, 3)
    producer
      .send(
        'events',
        0,
        last.map((value) => recordOf(value)),
      )
      .catch(() => {})
    for (let turn = 0; turn < turns; turn++) await undefined
    const next = await world.cutPower(seed)
    const [range] = await next.client().offsets('events')
    if (range?.latest !== model.sent[0]?.length) model.sent[0]?.push(...last)
    await expectHolds(next, model, model.sent.map(lengthOf))
    await expectHolds(await next.cutPower(seed + 1), model, model.sent.map(lengthOf))
  })
  await fc.assert(property, { numRuns: 100 })
})

async function begin(call: string, model: Model, { producer }: Real): Promise<void> {
  const flushed = await producer.checkpoints?.flush()
  if (call === 'send') await producer.send('events', 0, [recordOf('lost'), recordOf('lost too')])
  if (call === 'flush') await producer.checkpoints?.flush()
  if (call !== 'commit') return
  // It is told only of what is an epoch already.
  const epoch = Object.fromEntries(PARTITIONS.map((number) => [`events/${number}`, model.epoch[number] ?? 0]))
  await producer.checkpoints?.commit(flushed === undefined ? {} : epoch)
}

/** Before its writer is back, only what is covered may be read; then, exactly its epoch. Twice, for good measure. */
async function recover(model: Model, real: Real, seed: number): Promise<void> {
  const visible = (await real.world.client().offsets('events')).map(({ latest }) => latest)
  for (const number of PARTITIONS) {
    expect(visible[number]).toBeGreaterThanOrEqual(model.covered[number] ?? 0)
    expect(visible[number]).toBeLessThanOrEqual(model.epoch[number] ?? 0)
  }
  await expectHolds(real.world, model, visible)
  const epoch = Object.fromEntries(PARTITIONS.map((number) => [`events/${number}`, model.epoch[number] ?? 0]))
  for (const world of [real.world, await real.world.cutPower(seed + 1)]) {
    real.world = world
    real.producer = await world.producer()
    await real.producer.checkpoints?.restore(epoch)
    await expectHolds(world, model, model.epoch)
  }
  real.seen.takenBack += model.sent.reduce((sum, { length }, index) => sum + length - (model.epoch[index] ?? 0), 0)
  for (const number of PARTITIONS) model.sent[number]?.splice(model.epoch[number] ?? 0)
  model.covered = model.epoch
  model.flushed = undefined
}

/** Everything up to these ends, but what retention has removed; and what the group has committed. */
async function expectHolds(world: World, model: Model, ends: readonly number[], seen?: Seen): Promise<void> {
  const client = world.client()
  const ranges = await client.offsets('events')
  expect(ranges.map(({ latest }) => latest)).toEqual(ends)
  const reader = await world.reader({ topics: ['events'], begin: (number) => ranges[number]?.earliest ?? 0 })
  const count = ranges.reduce((sum, { earliest, latest }) => sum + latest - earliest, 0)
  const found = count === 0 ? [] : await read(reader, count)
  await reader.consumer.close()
  const expected = ranges.flatMap(({ earliest, latest }, number) =>
    (model.sent[number] ?? [])
      .slice(earliest, latest)
      .map((value, index) => `events/${number} ${earliest + index} ${value}`),
  )
  expect(found.sort()).toEqual(expected.sort())
  if (seen !== undefined && ranges.some(({ earliest }) => earliest > 0)) seen.expired++
  const committed = await client.committed('g', 'events')
  expect(committed).toEqual(PARTITIONS.map((number) => model.committed[number]))
}

/** Of a group of its own: it has all partitions, and where it begins is noted, when this resolves. */
async function member(world: World): Promise<Reader> {
  const reader = await world.reader({ topics: ['events'], group: 'g' })
  while ((await world.client().committed('g', 'events')).includes(undefined))
    await new Promise((resolve) => setImmediate(resolve))
  return reader
}

async function usedBy({ storage }: World): Promise<number> {
  storage.setSpace(ROOMY)
  return ROOMY - (await storage.freeBytes('/'))
}

const ROOMY = 1e12

function names(model: Model, count: number): string[] {
  return Array.from({ length: count }, () => `value ${model.names++}`)
}

function lengthOf({ length }: readonly unknown[]): number {
  return length
}
