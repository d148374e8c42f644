import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Transaction, TransactionalProducer } from '../port.ts'
import { valuesOf } from '../topics.fixture.ts'
import { openEmbeddedReader } from './index.ts'
import { openWorld, recordOf, send, textsOf, type World } from './world.fixture.ts'

const IDS = ['a', 'b']
const PARTITIONS = [0, 1]

/** What must be so, by partition: all that was written, by offset, and the transaction that wrote it. */
interface Model {
  logs: { readonly value: string; readonly transaction: Outcome }[][]
  committed: number | undefined
  values: number
}

interface Outcome {
  state: 'open' | 'committed' | 'aborted'
}

interface Writer {
  readonly producer: TransactionalProducer
  transaction: Transaction | undefined
  outcome: Outcome
}

interface Real {
  world: World
  writers: Map<string, Writer>
  readonly seen: Record<'crashes' | 'torn' | 'undecided' | 'fenced' | 'aborted' | 'held', number>
}

type Step = (model: Model, real: Real) => Promise<void>

const id = fc.constantFrom(...IDS)
const partition = fc.constantFrom(...PARTITIONS)

const put = fc.tuple(id, partition, fc.integer({ min: 1, max: 4 })).map(
  ([name, number, count]): Step =>
    async (model, real) => {
      const writer = await begun(real, name)
      const values = Array.from({ length: count }, () => `value ${model.values++}`)
      await writer.transaction?.send(
        'events',
        number,
        values.map((value) => recordOf(value)),
      )
      model.logs[number]?.push(...values.map((value) => ({ value, transaction: writer.outcome })))
    },
)

/** The power may go while a transaction with a position is committed. */
const position = fc.tuple(id, fc.nat(50), fc.option(fc.tuple(fc.integer(), fc.nat(60)))).map(
  ([name, offset, cut]): Step =>
    async (model, real) => {
      const writer = await begun(real, name)
      await withMember(real.world, async ({ consumer }) => {
        model.committed ??= 0
        await writer.transaction?.sendOffsets(consumer, [{ topic: 'input', partition: 0, offset }])
        if (cut === null) {
          await end(writer, 'committed')
          model.committed = offset
          return
        }
        await cutDuring('commit', cut, writer, model, real)
        const [committed] = await real.world.client().committed('g', 'input')
        if (writer.outcome.state === 'committed') expect(committed).toBe(offset)
        else expect([model.committed, ...(hasRecords(model, writer) ? [] : [offset])]).toContain(committed)
        model.committed = committed
      })
    },
)

const decide = fc.tuple(id, fc.constantFrom('committed' as const, 'aborted' as const)).map(
  ([name, state]): Step =>
    async (_, { writers, seen }) => {
      const writer = writers.get(name)
      if (writer?.transaction === undefined) return
      await end(writer, state)
      if (state === 'aborted') seen.aborted++
    },
)

const fence = id.map(
  (name): Step =>
    async (_, real) => {
      const before = real.writers.get(name)
      real.writers.set(name, await opened(real.world, name))
      if (before?.transaction === undefined) return
      before.outcome.state = 'aborted'
      real.seen.fenced++
      await expect(before.transaction.commit()).rejects.toMatchObject({ code: 'SR_KAFKA_FENCED' })
    },
)

const look = fc.constant<Step>((model, { world, seen }) => expectHolds(world, model, seen))

const crash = fc
  .tuple(fc.integer(), fc.constantFrom('commit' as const, 'abort' as const, 'send' as const), fc.nat(80))
  .map(
    ([seed, call, turns]): Step =>
      async (model, real) => {
        const writer = [...real.writers.values()].find(({ transaction }) => transaction !== undefined)
        await cutDuring(call, [seed, turns], writer, model, real)
      },
  )

test('a transaction is there as a whole or not at all, whoever is fenced and whenever the power goes (I-3, R-8)', async () => {
  const seen = { crashes: 0, torn: 0, undecided: 0, fenced: 0, aborted: 0, held: 0 }
  const step = fc.oneof(put, put, put, put, position, decide, decide, fence, look, crash)
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
    const world = await openWorld({ segmentSize: 300 })
    await world.client().createTopic('events', { partitions: PARTITIONS.length })
    await world.client().createTopic('input', { partitions: 1 })
    const model: Model = { logs: [[], []], committed: undefined, values: 0 }
    const real: Real = { world, writers: new Map(), seen }
    for (const one of steps) await one(model, real)
    await expectHolds(real.world, model, seen)
  })
  await fc.assert(property, { numRuns: 120 })
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})

test('another process sees transactions as their writer decides them', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const outside = await openEmbeddedReader('/topics', { storage: world.storage, clock: world.clock, log: world.log })
  const latest = async () => (await outside.client().offsets('events'))[0]?.latest
  const lookedAt = async (value: number) => {
    while ((await latest()) !== value) {
      world.clock.advance(500)
      await new Promise((again) => setImmediate(again))
    }
  }
  const [a, b] = [await opened(world, 'a'), await opened(world, 'b')]
  const [first, second] = [await a.producer.begin(), await b.producer.begin()]
  await first.send('events', 0, [recordOf('aborted')])
  await second.send('events', 0, [recordOf('kept')])
  await second.commit()
  expect(await latest()).toBe(0)
  await first.abort()
  await lookedAt(2)
  expect(await valuesOf(outside.client(), 'events')).toEqual([['kept']])
  await outside.close()
})

test('a topic has writers with transactions, or another one', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const plain = await world.producer('plain', ['events'])
  const { producer } = await opened(world, 'a')
  const refused = await producer.begin()
  const twoWriters = { code: 'SR_TWO_WRITERS' }
  await expect(refused.send('events', 0, [recordOf('x')])).rejects.toMatchObject(twoWriters)
  await refused.abort()
  await plain.close()
  const transaction = await producer.begin()
  await transaction.send('events', 0, [recordOf('x')])
  await expect(world.producer('plain', ['events'])).rejects.toMatchObject(twoWriters)
  await transaction.commit()
  await producer.close()
  await send(await world.producer('plain'), 'events/0', 'y')
})

test('a transaction that meets a full disk can only be aborted, and leaves nothing', async () => {
  const world = await openWorld()
  await world.client().createTopic('events', { partitions: 1 })
  const { producer } = await opened(world, 'a')
  const transaction = await producer.begin()
  await transaction.send('events', 0, [recordOf('x')])
  world.storage.setSpace(0)
  await expect(transaction.send('events', 0, [recordOf('y')])).rejects.toMatchObject({ message: 'disk full' })
  await expect(transaction.commit()).rejects.toMatchObject({ code: 'SR_DEFECT' })
  world.storage.setSpace(Number.POSITIVE_INFINITY)
  await transaction.abort()
  const next = await producer.begin()
  await next.send('events', 0, [recordOf('z')])
  await next.commit()
  await producer.close()
  expect(await valuesOf(world.client(), 'events')).toEqual([['z']])
})

async function opened(world: World, name: string): Promise<Writer> {
  const signal = new AbortController().signal
  const producer = await world.client().transactional({ id: name, compression: 'none', timeoutMs: 60_000, signal })
  return { producer, transaction: undefined, outcome: { state: 'open' } }
}

async function begun({ world, writers }: Real, name: string): Promise<Writer> {
  const writer = writers.get(name) ?? (await opened(world, name))
  writers.set(name, writer)
  if (writer.transaction !== undefined) return writer
  writer.outcome = { state: 'open' }
  writer.transaction = await writer.producer.begin()
  return writer
}

async function end(writer: Writer, state: 'committed' | 'aborted'): Promise<void> {
  await (state === 'committed' ? writer.transaction?.commit() : writer.transaction?.abort())
  writer.outcome.state = state
  writer.transaction = undefined
}

async function withMember(world: World, use: (reader: Awaited<ReturnType<World['reader']>>) => Promise<void>) {
  const reader = await world.reader({ topics: ['input'], group: 'g' })
  while ((await world.client().committed('g', 'input'))[0] === undefined)
    await new Promise((again) => setImmediate(again))
  await use(reader)
  await reader.consumer.close().catch(() => {})
}

/** The power goes while a transaction is committed, or aborted, or written to. */
async function cutDuring(
  call: 'commit' | 'abort' | 'send',
  [seed, turns]: [seed: number, turns: number],
  writer: Writer | undefined,
  model: Model,
  real: Real,
): Promise<void> {
  const { transaction, outcome } = writer ?? {}
  const work = call === 'send' ? transaction?.send('events', 0, [recordOf('lost')]) : transaction?.[call]()
  let isDone = false
  work?.then(
    () => {
      isDone = true
    },
    () => {},
  )
  for (let turn = 0; turn < turns; turn++) await undefined
  const wasDone = isDone
  real.world = await real.world.cutPower(seed)
  real.writers = new Map()
  real.seen.crashes++
  await settle(model, real, outcome, call, wasDone)
  if (writer !== undefined) writer.transaction = undefined
  const { committed } = model
  model.committed = (await real.world.client().committed('g', 'input'))[0]
  await expectHolds(real.world, model, real.seen)
  real.world = await real.world.cutPower(seed + 1)
  await expectHolds(real.world, model, real.seen)
  model.committed = committed
}

function hasRecords(model: Model, { outcome }: Writer): boolean {
  return model.logs.some((log) => log.some(({ transaction }) => transaction === outcome))
}

/** What was under way is decided one way or the other; what was open is aborted. Its last records may be lost. */
async function settle(
  model: Model,
  real: Real,
  under: Outcome | undefined,
  call: string,
  wasDone: boolean,
): Promise<void> {
  const ranges = await real.world.client().offsets('events')
  if (under !== undefined && call === 'commit') {
    const shown = await allOf(real.world)
    const own = model.logs.flatMap((log) => log.filter(({ transaction }) => transaction === under))
    const isThere = own.length > 0 && own.every(({ value }) => shown.some((text) => text.endsWith(` ${value}`)))
    under.state = isThere || (own.length === 0 && wasDone) ? 'committed' : 'aborted'
    if (wasDone && own.length > 0) expect(isThere).toBe(true)
    if (!wasDone) real.seen.undecided++
  }
  for (const [number, log] of model.logs.entries()) {
    for (const { transaction } of log) if (transaction.state === 'open') transaction.state = 'aborted'
    const decided = log.findLastIndex(({ transaction }) => transaction.state === 'committed') + 1
    const end = ranges[number]?.latest ?? 0
    expect(end).toBeGreaterThanOrEqual(decided)
    if (end < log.length) real.seen.torn++
    // The record that was being sent may be there, too.
    if (end > log.length) log.push({ value: 'lost', transaction: { state: 'aborted' } })
    log.splice(end)
  }
}

async function expectHolds(world: World, model: Model, seen: Real['seen']): Promise<void> {
  const ranges = await world.client().offsets('events')
  for (const [number, log] of model.logs.entries()) {
    const open = log.findIndex(({ transaction }) => transaction.state === 'open')
    if (open >= 0) seen.held++
    expect(ranges[number]).toEqual({ earliest: 0, latest: open < 0 ? log.length : open })
  }
  expect((await world.client().committed('g', 'input'))[0]).toBe(model.committed)
  const expected = model.logs.flatMap((log, number) =>
    log.flatMap(({ value, transaction }, offset) => {
      const isSeen = transaction.state === 'committed' && offset < (ranges[number]?.latest ?? 0)
      return isSeen ? [`events/${number} ${offset} ${value}`] : []
    }),
  )
  expect((await allOf(world)).sort()).toEqual(expected.sort())
}

/** All that can be read, from the beginning and to the end. */
async function allOf(world: World): Promise<string[]> {
  const reader = await world.reader({ topics: ['events'] })
  const ends = (await world.client().offsets('events')).map(({ latest }) => latest)
  const left = new Set(PARTITIONS.filter((number) => (ends[number] ?? 0) > 0))
  const texts: string[] = []
  while (left.size > 0) {
    const { value: set } = await reader.sets.next()
    texts.push(...textsOf(set))
    if (set.next >= (ends[set.partition] ?? 0)) left.delete(set.partition)
  }
  await reader.consumer.close()
  return texts
}
