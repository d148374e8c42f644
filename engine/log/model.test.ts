import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { errorCode } from '../storage.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { type Log, openLog } from './index.ts'

/** A log against a plain array: `frames[seq]` is the payload, the first `durable` of them survive anything. */
interface Model {
  frames: string[]
  durable: number
}

interface Real {
  storage: MemoryStorage
  log: Log
  /** Where a reader goes on. */
  next: number
  /** How often the interesting things happened: a run in which they never do proves nothing. */
  readonly seen: Seen
}

interface Seen {
  crashes: number
  lost: number
  kept: number
  full: number
  dropped: number
}

type Step = (model: Model, real: Real) => Promise<void>

const put = fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 4 }).map(
  (texts): Step =>
    async (model, { log }) => {
      const numbers = await Promise.all(texts.map((text) => log.append([Buffer.from(text)])))
      expect(numbers).toEqual(texts.map((_, index) => model.frames.length + index))
      model.frames.push(...texts)
    },
)

const putOnFullDisk = fc.tuple(fc.string({ maxLength: 200 }), fc.nat(100)).map(
  ([text, room]): Step =>
    async (model, { storage, log, seen }) => {
      storage.setSpace(log.bytes + room)
      const taken = await log.append([Buffer.from(text)]).catch((error: unknown) => errorCode(error))
      storage.setSpace(Number.POSITIVE_INFINITY)
      if (taken === 'ENOSPC') seen.full++
      else expect(taken).toBe(model.frames.push(text) - 1)
    },
)

const sync = fc.constant<Step>(async (model, { log }) => {
  await log.sync()
  model.durable = model.frames.length
  expect(log.durableEnd).toBe(model.durable)
})

const take = fc.nat(300).map(
  (bytes): Step =>
    async (model, real) => {
      real.next = Math.max(real.next, real.log.first)
      const frames = await real.log.read(real.next, bytes)
      expect(frames.length > 0).toBe(real.next < model.frames.length)
      expect(frames.map(({ payload }) => payload.toString())).toEqual(
        model.frames.slice(real.next, real.next + frames.length),
      )
      real.next += frames.length
    },
)

const drop = fc.constant<Step>(async (_model, { log, next, seen }) => {
  const { first } = log
  await log.drop(next)
  expect(log.first).toBeLessThanOrEqual(Math.max(first, next))
  if (log.first > first) seen.dropped++
})

const truncate = fc.nat(100).map(
  (share): Step =>
    async (model, real) => {
      const end = real.log.first + Math.floor(((model.frames.length - real.log.first) * share) / 100)
      await real.log.truncate(end)
      model.frames.length = end
      model.durable = end
      real.next = Math.min(real.next, end)
    },
)

const reopen = fc.constant<Step>(async (model, real) => {
  await real.log.close()
  real.log = await open(real.storage)
  model.durable = model.frames.length
})

const crash = fc.integer().map(
  (seed): Step =>
    async (model, real) => {
      real.storage = real.storage.crash(seededRandom(seed))
      real.log = await open(real.storage)
      expect(real.log.end).toBeGreaterThanOrEqual(model.durable)
      expect(real.log.end).toBeLessThanOrEqual(model.frames.length)
      real.seen.crashes++
      real.seen.lost += model.frames.length - real.log.end
      real.seen.kept += real.log.end - model.durable
      model.frames.length = real.log.end
      model.durable = real.log.end
      real.next = Math.min(real.next, real.log.end)
    },
)

test('behaves like an array that a power cut may cut back to what was synced', async () => {
  const seen: Seen = { crashes: 0, lost: 0, kept: 0, full: 0, dropped: 0 }
  const steps = fc.array(fc.oneof(put, put, put, take, take, sync, drop, truncate, reopen, crash, putOnFullDisk), {
    maxLength: 40,
    size: 'max',
  })
  const property = fc.asyncProperty(steps, async (chosen) => {
    const storage = memoryStorage()
    const model: Model = { frames: [], durable: 0 }
    const real: Real = { storage, log: await open(storage), next: 0, seen }
    for (const step of chosen) {
      await step(model, real)
      expect(real.log.end).toBe(model.frames.length)
    }
    await expectSame(model, real.log)
    await expectSame(model, await open(real.storage))
  })
  await fc.assert(property, { numRuns: 1000 })
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0)
})

function open(storage: MemoryStorage): Promise<Log> {
  return openLog(storage, '/state/log', { segmentSize: 200, sync: 'always' })
}

async function expectSame(model: Model, log: Log): Promise<void> {
  const found: string[] = []
  for (let from = log.first; from < log.end; ) {
    const frames = await log.read(from, 100)
    found.push(...frames.map(({ payload }) => payload.toString()))
    from += frames.length
  }
  expect(found).toEqual(model.frames.slice(log.first))
}
