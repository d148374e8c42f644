import { expect, test, vi } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import {
  type Batch,
  type ChannelContext,
  createCodec,
  type DurableChannel,
  framesBatch,
  type Json,
  makeRecord,
  recordsBatch,
  type SourceBatch,
} from '../../../engine/plugin.ts'
import { seededRandom } from '../../../engine/random.ts'
import { type ManualClock, manualClock } from '../../../engine/trial/manual-clock.ts'
import { type MemoryStorage, memoryStorage } from '../../../engine/trial/memory-storage.ts'
import file from './index.ts'

test('hands on what is written at once, in order, one batch for each, before the writer has committed it', async () => {
  const { writer, reader } = await opened()
  await writer.write(batchOf('a', 'b'))
  const read = reading(reader)
  expect(await read.next()).toMatchObject({ partition: 'buffer', position: { seq: 1, records: 2 }, caughtUp: true })
  const waiting = read.next()
  await writer.write(batchOf('c'))
  expect(valuesOf(await waiting)).toEqual(['c'])
})

test('keeps bytes, key, time, headers and origin of a record', async () => {
  const { writer, reader } = await opened()
  const record = makeRecord({
    value: { price: 1.1 },
    raw: Buffer.from('{"price": 1.10}'),
    key: 'k',
    timestamp: 17,
    headers: [{ name: 'h', value: 'v' }],
    origin: { component: 'log', partition: 'p', position: { offset: 3 } },
  })
  await writer.write(recordsBatch([record]))
  const [again] = (await reading(reader).next())?.records?.records ?? []
  expect({ ...again, value: again?.value }).toMatchObject({
    value: { price: 1.1 },
    raw: Buffer.from('{"price": 1.10}'),
    key: 'k',
    timestamp: 17,
    headers: [{ name: 'h', value: 'v' }],
    origin: { component: 'log', partition: 'p', position: { offset: 3 } },
  })
})

test('frames stay frames, of the same codec', async () => {
  const { writer, reader } = await opened()
  await writer.write(
    framesBatch({
      data: Buffer.from('{"n": 1.0}\n{"n": 2.0}\n'),
      starts: Uint32Array.of(0, 11),
      ends: Uint32Array.of(10, 21),
      lines: Uint32Array.of(0, 1),
      count: 2,
      base: { offset: 100, line: 5 },
      codec: createCodec('json', {}),
      component: 'log',
      partition: 'p',
      timestamp: 17,
    }),
  )
  const batch = (await reading(reader).next())?.records
  expect(batch?.frames?.codec.name).toBe('json')
  expect(batch?.records.map(({ value, origin }) => [value, origin.position])).toEqual([
    [{ n: 1 }, { offset: 100, line: 5 }],
    [{ n: 2 }, { offset: 111, line: 6 }],
  ])
})

test('the reader ends when the writer has ended and everything is read', async () => {
  const { writer, reader, end } = await opened()
  await writer.write(batchOf('a'))
  end()
  const read = reading(reader)
  expect(valuesOf(await read.next())).toEqual(['a'])
  expect(await read.next()).toBeUndefined()
})

test('the reader ends soon after it is told to stop, even while it waits', async () => {
  const stopping = new AbortController()
  const { reader } = await opened({ stopping: stopping.signal })
  const next = reading(reader).next()
  stopping.abort()
  expect(await next).toBeUndefined()
})

test('a position of the reader is covered when the writer has committed that far, or the pipeline is aborted', async () => {
  const abort = new AbortController()
  const { writer, reader } = await opened({ signal: abort.signal })
  await writer.write(batchOf('a'))
  const read = await reading(reader).next()
  let covered = false
  const waiting = reader.covered?.(positionOf(read)).then(() => {
    covered = true
  })
  const state = await writer.flush?.()
  expect(covered).toBe(false)
  await writer.commit?.(state as Json)
  await waiting
  await writer.write(batchOf('b'))
  const never = reader.covered?.(new Map([['buffer', { seq: 2, bytes: 0, records: 0 }]]))
  abort.abort()
  await never
})

test('what came after the last checkpoint of the writer is gone after a crash, what came before is not (I-3)', async () => {
  for (let seed = 0; seed < 100; seed++) {
    const world = newWorld()
    const { writer, reader } = await opened({}, world)
    for (const text of ['a', 'b', 'c']) await writer.write(batchOf(text))
    const state = await writer.flush?.()
    await writer.write(batchOf('d'))
    const position = (await reading(reader).next())?.position

    world.storage = world.storage.crash(seededRandom(seed))
    world.writerState = state
    world.committed.set('buffer', position as Json)
    const again = await opened({}, world)
    await again.writer.write(batchOf('e'))
    again.end()
    expect(await drained(again.reader)).toEqual(['b', 'c', 'e'])
  }
})

test('a writer that never committed begins with an empty log', async () => {
  const world = newWorld()
  const { writer } = await opened({}, world)
  await writer.write(batchOf('a'))
  await writer.flush?.()
  const again = await opened({}, world)
  again.end()
  expect(await drained(again.reader)).toEqual([])
})

test('a log that ends before its checkpoint is corrupt', async () => {
  const world = newWorld()
  await opened({}, world)
  world.writerState = { end: 3, bytes: 100, records: 3, durable: true }
  await expect(opened({}, world)).rejects.toMatchObject({ code: 'SR_LOG_CORRUPT' })
})

test('a reader that has committed more than the writer is refused', async () => {
  const world = newWorld()
  world.committed.set('buffer', { seq: 5, bytes: 100, records: 5 })
  await expect(opened({}, world)).rejects.toMatchObject({
    code: 'SR_LOG_CORRUPT',
    message: '/state/buffer holds frames 0 to 0, but its reader has committed everything before 5',
  })
})

test('with sync: interval, what a power cut took is said and counted, and the rest flows on', async () => {
  const world = newWorld()
  const { writer } = await opened({ options: { sync: 'interval', sync_interval: '1s' } }, world)
  await writer.write(batchOf('a'))
  world.clock.advance(1000)
  await vi.waitUntil(async () => Object(await writer.flush?.()).durable)
  await writer.write(batchOf('b'))
  await writer.write(batchOf('c'))
  world.writerState = await writer.flush?.()
  expect(world.writerState).toMatchObject({ end: 3, records: 3, durable: false })

  world.storage = world.storage.crash({ next: () => 0 })
  const again = await opened({ options: { sync: 'interval' } }, world)
  await again.writer.write(batchOf('d'))
  again.end()
  expect(await drained(again.reader)).toEqual(['a', 'd'])
  expect(world.counts).toEqual({ lost_batches: 2 })
})

test('a full channel asks for a checkpoint, and opens when the reader commits', async () => {
  const world = newWorld()
  const { writer, reader } = await opened({ options: { max_records: 3 } }, world)
  await writer.write(batchOf('a', 'b'))
  expect(writer.full?.()).toBeUndefined()
  await writer.write(batchOf('c', 'd'))
  const full = writer.full?.()
  expect(full).toBeInstanceOf(Promise)
  expect(writer.full?.()).toBe(full)
  expect(world.requested).toBeGreaterThan(0)
  const read = await reading(reader).next()
  expect(writer.full?.()).toBe(full)
  await reader.commit?.(positionOf(read))
  await full
  expect(writer.full?.()).toBeUndefined()
})

test('what was in the channel counts after a restart', async () => {
  const world = newWorld()
  const first = await opened({ options: { max_size: '1kB' } }, world)
  while (first.writer.full?.() === undefined) await first.writer.write(batchOf('x'.repeat(50)))
  const read = await reading(first.reader).next()
  world.writerState = await first.writer.flush?.()
  expect((await opened({ options: { max_size: '1kB' } }, world)).writer.full?.()).toBeInstanceOf(Promise)
  world.committed.set('buffer', read?.position as Json)
  expect((await opened({ options: { max_size: '1kB' } }, world)).writer.full?.()).toBeUndefined()
})

test('what waits in it is what was not handed over, also after a restart', async () => {
  const world = newWorld()
  const { writer, reader, waiting } = await opened({}, world)
  for (const value of ['a', 'b', 'c']) await writer.write(batchOf(value))
  const batches = reading(reader)
  await batches.next()
  const read = await batches.next()
  expect(waiting?.()).toBe(1)
  world.writerState = await writer.flush?.()
  world.committed.set('buffer', read?.position as Json)
  expect((await opened({}, world)).waiting?.()).toBe(1)
})

test('a reader without a position begins with the oldest frame that is kept', async () => {
  const world = newWorld()
  const { writer, reader } = await opened({ options: { segment_size: '100B', max_records: 3 } }, world)
  for (const text of ['a', 'b', 'c']) await writer.write(batchOf(text))
  await reader.commit?.(positionOf(await reading(reader).next()))
  world.writerState = await writer.flush?.()
  const again = await opened({ options: { max_records: 3 } }, world)
  expect(again.writer.full?.()).toBeUndefined()
  again.end()
  expect(await drained(again.reader)).toEqual(['b', 'c'])
})

test('committed frames leave the disk', async () => {
  const world = newWorld()
  const { writer, reader } = await opened({ options: { segment_size: '1kB' } }, world)
  const read = reading(reader)
  for (let round = 0; round < 50; round++) {
    await writer.write(batchOf('x'.repeat(200)))
    await reader.commit?.(positionOf(await read.next()))
  }
  expect(await world.storage.list('/state/buffer')).toHaveLength(1)
})

test('drop-newest never waits, lets go what comes while it is full, and counts it', async () => {
  const world = newWorld()
  const { writer, reader, end } = await opened({ options: { max_records: 2, when_full: 'drop-newest' } }, world)
  await writer.write(batchOf('a', 'b'))
  expect(writer.full?.()).toBeUndefined()
  await writer.write(batchOf('c', 'd', 'e'))
  expect(world.counts).toEqual({ dropped: 3 })
  end()
  expect(await drained(reader)).toEqual(['a', 'b'])
})

test('less than min_free on the disk makes it full until somebody frees the disk', async () => {
  const world = newWorld()
  world.storage.setSpace(100e6)
  const { writer } = await opened({ options: { min_free: '50MB' } }, world)
  expect(writer.full?.()).toBeUndefined()
  world.storage.setSpace(50e6)
  world.clock.advance(1000)
  await writer.write(batchOf('a'))
  const full = writer.full?.()
  expect(full).toBeInstanceOf(Promise)
  expect(world.health).toEqual(['degraded'])
  world.storage.setSpace(100e6)
  world.clock.advance(1000)
  await full
  expect(world.health).toEqual(['degraded', 'ok'])
})

test('drop-newest takes records again when the disk is free again', async () => {
  const world = newWorld()
  world.storage.setSpace(1000)
  const { writer, reader, end } = await opened({ options: { when_full: 'drop-newest' } }, world)
  await writer.write(batchOf('a'))
  world.storage.setSpace(1e9)
  world.clock.advance(1000)
  await writer.write(batchOf('b'))
  end()
  expect(world.counts).toEqual({ dropped: 1 })
  expect(await drained(reader)).toEqual(['b'])
})

test('a reader that has read everything asks a full channel for one more checkpoint, not for many', async () => {
  const world = newWorld()
  const { writer, reader } = await opened({ options: { max_records: 1 } }, world)
  const read = reading(reader)
  await writer.write(batchOf('a'))
  void writer.full?.()
  await read.next()
  const waiting = read.next()
  await vi.waitUntil(() => world.requested === 2)
  await writer.commit?.((await writer.flush?.()) as Json)
  await writer.write(batchOf('b'))
  await waiting
  expect(world.requested).toBe(2)
})

test('a full disk may be tried again, and the batch is there once (DC-04)', async () => {
  const world = newWorld()
  const { writer, reader, end } = await opened({ options: { min_free: '0B' } }, world)
  await writer.write(batchOf('a'))
  world.storage.setSpace(0)
  await expect(writer.write(batchOf('b'))).rejects.toMatchObject({ name: 'RetryableError', message: 'disk full' })
  world.storage.setSpace(1e6)
  await writer.write(batchOf('b'))
  end()
  expect(await drained(reader)).toEqual(['a', 'b'])
})

test('a failed sync ends the channel with SR_IO (R-3)', async () => {
  const world = newWorld()
  const { writer } = await opened({}, world)
  await writer.write(batchOf('a'))
  world.storage.failNext('sync', 'EIO')
  await expect(writer.flush?.()).rejects.toMatchObject({ code: 'SR_IO' })
  await expect(writer.write(batchOf('b'))).rejects.toMatchObject({ code: 'SR_IO' })
})

/** What outlives the channel, and what it told. */
interface World {
  storage: MemoryStorage
  readonly clock: ManualClock
  readonly committed: Map<string, Json>
  writerState: Json | undefined
  readonly counts: Record<string, number>
  readonly health: string[]
  requested: number
}

function newWorld(): World {
  const storage = memoryStorage({ space: 1e9 })
  return {
    storage,
    clock: manualClock(),
    committed: new Map(),
    writerState: undefined,
    counts: {},
    health: [],
    requested: 0,
  }
}

interface Setting {
  readonly options?: { readonly [name: string]: Json }
  readonly stopping?: AbortSignal
  readonly signal?: AbortSignal
}

/** As the engine does it: open, restore the writer, repeat its last commit. */
async function opened(setting: Setting = {}, world: World = newWorld()): Promise<DurableChannel> {
  const options = readOptions(file.options, setting.options ?? {})
  const channel = await file.durable?.open(options, contextOf(setting, world))
  if (channel === undefined) throw new Error('the file channel is durable')
  await channel.writer.restore?.(world.writerState)
  if (world.writerState !== undefined) await channel.writer.commit?.(world.writerState)
  return channel
}

function contextOf({ stopping, signal }: Setting, world: World): ChannelContext {
  const never = new AbortController().signal
  const unused = () => {
    throw new Error('not for channels')
  }
  return {
    id: 'buffer',
    pipeline: 'test',
    definitionFolder: '/',
    clock: world.clock,
    storage: world.storage,
    random: seededRandom(1),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    metrics: {
      count(name, by = 1) {
        world.counts[name] = (world.counts[name] ?? 0) + by
      },
      gauge() {},
    },
    health: { degraded: () => world.health.push('degraded'), ok: () => world.health.push('ok') },
    signal: signal ?? never,
    readOnly: false,
    stopping: stopping ?? never,
    stateFolder: '/state/buffer',
    connection: unused,
    expression: unused,
    template: unused,
    resume: async (partition) => world.committed.get(partition),
    startsOver: false,
    committed: () => world.committed,
    release() {},
    peersOpen: Promise.resolve(),
    requestCheckpoint() {
      world.requested++
    },
  }
}

function batchOf(...values: string[]): Batch {
  const origin = { component: 'log', partition: 'p', position: 0 }
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}

function reading(reader: DurableChannel['reader']): { next(): Promise<SourceBatch | undefined> } {
  const iterator = reader.batches()[Symbol.asyncIterator]()
  return { next: async () => (await iterator.next()).value }
}

async function drained(reader: DurableChannel['reader']): Promise<Json[]> {
  const values: Json[] = []
  for await (const batch of reader.batches()) values.push(...valuesOf(batch))
  return values
}

function valuesOf(batch: SourceBatch | undefined): Json[] {
  return batch?.records?.records.map(({ value }) => value) ?? []
}

function positionOf(batch: SourceBatch | undefined): ReadonlyMap<string, Json> {
  return new Map([['buffer', batch?.position as Json]])
}
