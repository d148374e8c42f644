import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Producer, ProducerRecord, RecordSet } from '../port.ts'
import { openEmbeddedReader } from './index.ts'
import { openWorld, type Reader, recordOf, type World } from './world.fixture.ts'

const TOMBSTONE_MS = 10_000

interface Model {
  /** All that was sent, by offset: `key=value`, a tombstone as `key`. */
  readonly sent: string[]
}

interface Real {
  world: World
  producer: Producer
  readonly seen: Record<'crashes' | 'compacted' | 'tombstones' | 'gone', number>
}

type Step = (model: Model, real: Real) => Promise<void>

const record = fc.tuple(fc.constantFrom('a', 'a', 'a', 'b', 'b', 'c', 'd'), fc.boolean())

const put = fc.array(record, { minLength: 1, maxLength: 4 }).map(
  (records): Step =>
    async (model, { producer }) => {
      const sent = namesOf(records, model.sent.length)
      await producer.send('events', 0, sent.map(keyed))
      model.sent.push(...sent)
    },
)

const wait = fc.constant<Step>(async (_, { world }) => world.clock.advance(TOMBSTONE_MS))

const look = fc.constant<Step>(async (model, { world, seen }) => expectHolds(await allOf(world), model, seen))

const crash = fc.tuple(fc.array(record, { minLength: 1, maxLength: 3 }), fc.integer(), fc.nat(200)).map(
  ([records, seed, turns]): Step =>
    async (model, real) => {
      const sent = namesOf(records, model.sent.length)
      real.producer.send('events', 0, sent.map(keyed)).catch(() => {})
      for (let turn = 0; turn < turns; turn++) await undefined
      for (const world of [
        await real.world.cutPower(seed),
        await (await real.world.cutPower(seed)).cutPower(seed + 1),
      ]) {
        real.world = world
        const [range] = await world.client().offsets('events')
        if ((range?.latest ?? 0) > model.sent.length) model.sent.push(...sent)
        await expectHolds(await allOf(world), model, real.seen)
      }
      real.producer = await real.world.producer()
      real.seen.crashes++
    },
)

test('a compacted topic has the newest record of each key at its offset, whenever the power goes (I-3, R-8)', async () => {
  const seen = { crashes: 0, compacted: 0, tombstones: 0, gone: 0 }
  const step = fc.oneof(put, put, put, put, put, put, wait, look, crash)
  const property = fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (steps) => {
    const world = await openWorld({ segmentSize: 400 })
    await world.client().createTopic('events', { partitions: 1, cleanup: 'compact', tombstoneMs: TOMBSTONE_MS })
    const model: Model = { sent: [] }
    const real: Real = { world, producer: await world.producer(), seen }
    for (const one of steps) await one(model, real)
    await expectHolds(await allOf(real.world), model, seen)
  })
  await fc.assert(property, { numRuns: 40 })
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})

test('another process goes on reading while the topic is compacted under it', async () => {
  const world = await openWorld({ segmentSize: 400 })
  await world.client().createTopic('events', { partitions: 1, cleanup: 'compact' })
  const producer = await world.producer()
  await producer.send('events', 0, [keyed('a=0')])
  const outside = await openEmbeddedReader('/topics', { storage: world.storage, clock: world.clock, log: world.log })
  const consumer = await outside.client().consumer({
    topics: ['events'],
    group: undefined,
    assigned: async (places) => places.map((place) => ({ ...place, offset: 0 })),
    revoked: async () => {},
    outOfRange: async (_, { earliest }) => earliest,
    signal: new AbortController().signal,
  })
  const sets = consumer.records()[Symbol.asyncIterator]()
  const seen: string[] = []
  for (let sent = 1; sent <= 60; sent++) {
    await producer.send('events', 0, [keyed(`${sent % 2 === 0 ? 'a' : 'b'}=${sent}`)])
    if (sent % 10 !== 0) continue
    while (!seen.some((text) => text.endsWith(`=${sent}`))) {
      const next = sets.next()
      let isThere = false
      next.then(
        () => {
          isThere = true
        },
        () => {
          isThere = true
        },
      )
      while (!isThere) {
        world.clock.advance(500)
        await new Promise((again) => setImmediate(again))
      }
      seen.push(...textsOf((await next).value))
    }
  }
  // What it saw is what was sent, in order, without what was compacted away before it came there.
  const offsets = seen.map((text) => Number(text.split(' ')[0]))
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b))
  expect(seen.every((text) => text.split(' ')[0] === text.split('=')[1])).toBe(true)
  expect(await world.storage.stat('/topics/events/0.b')).toBeDefined()
  await outside.close()
})

function namesOf(records: readonly (readonly [string, boolean])[], from: number): string[] {
  return records.map(([key, isTombstone], index) => (isTombstone ? key : `${key}=${from + index}`))
}

function keyed(text: string): ProducerRecord {
  const [key = '', value] = text.split('=')
  return { ...recordOf(''), key: Buffer.from(key), value: value === undefined ? null : Buffer.from(value) }
}

function expectHolds(left: readonly string[], { sent }: Model, seen: Real['seen']): void {
  const all = sent.map((text, offset) => `${offset} ${text}`)
  expect(left).toEqual(all.filter((one) => left.includes(one)))
  const newest = new Map(sent.map((text, offset) => [text.split('=')[0], `${offset} ${text}`]))
  for (const one of newest.values()) {
    const isTombstone = !one.includes('=')
    if (isTombstone && !left.includes(one)) seen.gone++
    else expect(left).toContain(one)
    if (isTombstone && left.includes(one)) seen.tombstones++
    // What it has removed does not come back with it gone.
    if (isTombstone && !left.includes(one))
      expect(left.filter((text) => text.split(/[ =]/)[1] === one.split(' ')[1])).toEqual([])
  }
  if (left.length < all.length) seen.compacted++
}

async function allOf(world: World): Promise<string[]> {
  const [range] = await world.client().offsets('events')
  const reader: Reader = await world.reader({ topics: ['events'] })
  const texts: string[] = []
  for (let next = 0; next < (range?.latest ?? 0); ) {
    const { value: set } = await reader.sets.next()
    texts.push(...textsOf(set))
    next = set.next
  }
  await reader.consumer.close()
  return texts
}

function textsOf(set: RecordSet): string[] {
  return Array.from({ length: set.count }, (_, index) => {
    const key = Buffer.from(set.key(index) ?? []).toString()
    const value = set.isTombstone(index) ? '' : `=${set.data.toString('utf8', set.starts[index], set.ends[index])}`
    return `${set.offset(index)} ${key}${value}`
  })
}
