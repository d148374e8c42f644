import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seededRandom } from '../random.ts'
import { diskStorage, type Storage } from '../storage.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { type Log, type LogOptions, openLog } from './index.ts'
import { createSegment } from './segment.ts'

const ALWAYS: LogOptions = { segmentSize: 1024, sync: 'always' }

describe('a log on a real disk', () => {
  let folder: string
  const storage = diskStorage()
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'streamrun-log-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('gives back what was appended, over many segments, after it was opened again', async () => {
    const written = texts(300)
    const log = await openLog(storage, join(folder, 'a'), ALWAYS)
    for (const text of written) await log.append([Buffer.from(text)])
    await log.sync()
    await log.close()
    const again = await openLog(storage, join(folder, 'a'), ALWAYS)
    expect(again).toMatchObject({ first: 0, end: 300, durableEnd: 300, bytes: log.bytes })
    expect(await payloads(again)).toEqual(written)
    await again.close()
  })

  test('writes format version 1, byte for byte, and reads it', async () => {
    const golden = join(import.meta.dirname, 'fixtures/version-1')
    const log = await openLog(storage, join(folder, 'golden'), { segmentSize: 120, sync: 'always' })
    await appendAll(log, GOLDEN)
    await log.close()
    for (const name of ['0000000000000000.log', '0000000000000002.log']) {
      expect(await readFile(join(folder, 'golden', name))).toEqual(await readFile(join(golden, name)))
    }
  })
})

describe('append', () => {
  test('numbers frames in the order of the calls, and gathers the pieces of each', async () => {
    const log = await openLog(memoryStorage(), '/log', ALWAYS)
    const numbers = await Promise.all([
      log.append([Buffer.from('a'), Buffer.from('b')]),
      log.append([]),
      log.append([Buffer.from('c')]),
    ])
    expect(numbers).toEqual([0, 1, 2])
    expect(await payloads(log)).toEqual(['ab', '', 'c'])
  })

  test('writes frames that are appended together in one go', async () => {
    const { storage, calls } = counting(memoryStorage())
    const log = await openLog(storage, '/log', ALWAYS)
    calls.length = 0
    await appendAll(log, texts(10))
    expect(calls).toEqual(['write', 'sync'])
  })

  test('takes a frame that is larger than a segment', async () => {
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 100, sync: 'always' })
    const written = ['small', 'x'.repeat(5000), 'small again']
    await appendAll(log, written)
    expect(await payloads(log)).toEqual(written)
  })

  test('on a full disk keeps whole frames, rejects with ENOSPC, and goes on when there is room (F-7, DC-04)', async () => {
    for (let space = 40; space < 260; space++) {
      const storage = memoryStorage({ space })
      const log = await openLog(storage, '/log', { segmentSize: 100, sync: 'always' })
      const taken: string[] = []
      for (const text of texts(8)) {
        const append = () => log.append([Buffer.from(text)])
        await append().catch(async (error) => {
          expect(error.code).toBe('ENOSPC')
          expect(await payloads(await reopened(storage))).toEqual(taken)
          storage.setSpace(1e6)
          await append()
        })
        taken.push(text)
      }
      expect(await payloads(log)).toEqual(taken)
      expect(await payloads(await reopened(storage))).toEqual(taken)
    }
  })

  test('opens after a power cut at any moment of rolling on, however its new header was torn (DC-03, DC-07)', async () => {
    for (let seed = 0; seed < 2000; seed++) {
      const storage = memoryStorage()
      const log = await openLog(storage, '/log', { segmentSize: 100, sync: 'always' })
      await log.append([Buffer.from('of the first segment')])
      await log.sync()
      log.append([Buffer.from('of the next segment'.repeat(3))]).catch(() => {})
      for (let turn = 0; turn < seed % 20; turn++) await undefined
      const again = await openLog(storage.crash(seededRandom(seed)), '/log', { segmentSize: 100, sync: 'always' })
      expect((await payloads(again))[0]).toBe('of the first segment')
    }
  })

  test('rolls on durably after it cut back a frame that a full disk refused (D-3)', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const storage = memoryStorage()
      const log = await openLog(storage, '/log', { segmentSize: 100, sync: 'always' })
      await log.append([Buffer.from('first')])
      await log.sync()
      storage.setSpace(log.bytes + 10)
      await expect(log.append([Buffer.from('refused')])).rejects.toMatchObject({ code: 'ENOSPC' })
      storage.setSpace(Number.POSITIVE_INFINITY)
      await log.append([Buffer.from('of the next segment'.repeat(3))])
      const again = await openLog(storage.crash(seededRandom(seed)), '/log', { segmentSize: 100, sync: 'always' })
      expect([1, 2]).toContain(again.end)
    }
  })

  test('can be cut back and opened again after a full disk kept its next segment from being made', async () => {
    for (let space = 40; space < 260; space++) {
      const storage = memoryStorage({ space })
      const log = await openLog(storage, '/log', { segmentSize: 100, sync: 'always' })
      for (const text of texts(8)) await log.append([Buffer.from(text)]).catch(() => {})
      await log.truncate(0)
      expect(await payloads(await reopened(storage))).toEqual([])
    }
  })

  test('rejects what waits behind a failed frame, so that order is kept by trying again', async () => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', { segmentSize: 50, sync: 'always' })
    storage.failNext('write', 'EIO')
    const results = await Promise.allSettled(texts(3).map((text) => log.append([Buffer.from(text)])))
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    await appendAll(log, texts(3))
    expect(await payloads(log)).toEqual(texts(3))
  })

  test('stops before the sequence number is not exact any more (DC-13)', async () => {
    const { log } = await logStartingAt(Number.MAX_SAFE_INTEGER - 2)
    await appendAll(log, ['a', 'b'])
    expect(log.end).toBe(Number.MAX_SAFE_INTEGER)
    await expect(log.append([Buffer.from('c')])).rejects.toThrow('used up its sequence numbers')
    expect(await payloads(log)).toEqual(['a', 'b'])
  })

  test('keeps numbers beyond 2^32 exact', async () => {
    const { log, storage } = await logStartingAt(2 ** 32 - 2)
    await appendAll(log, texts(50))
    expect(await payloads(await reopened(storage))).toEqual(texts(50))
  })
})

describe('sync', () => {
  test('makes everything durable that was appended before, and callers share one fdatasync', async () => {
    const { storage, calls } = counting(memoryStorage())
    const log = await openLog(storage, '/log', ALWAYS)
    calls.length = 0
    const appended = texts(5).map((text) => log.append([Buffer.from(text)]))
    await Promise.all([log.sync(), log.sync(), log.sync()])
    expect(log.durableEnd).toBe(5)
    expect(calls).toEqual(['write', 'sync'])
    await Promise.all(appended)
  })

  test('a frame that is appended while a sync runs is covered by the next one only', async () => {
    const { storage, calls, hold } = counting(memoryStorage())
    const log = await openLog(storage, '/log', ALWAYS)
    await log.append([Buffer.from('a')])
    const release = hold()
    const first = log.sync()
    await log.append([Buffer.from('b')])
    const second = log.sync()
    expect(log.durableEnd).toBe(0)
    release()
    await first
    expect(log.durableEnd).toBe(1)
    await second
    expect(log.durableEnd).toBe(2)
    expect(calls.filter((call) => call === 'sync')).toHaveLength(4)
  })

  test('one failure ends the use of the log: nothing is known about the file (R-3, DC-05)', async () => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', ALWAYS)
    await log.append([Buffer.from('a')])
    storage.failNext('sync', 'EIO')
    await expect(log.sync()).rejects.toMatchObject({ code: 'SR_IO', cause: { code: 'EIO' } })
    await expect(log.sync()).rejects.toMatchObject({ code: 'SR_IO' })
    await expect(log.append([Buffer.from('b')])).rejects.toMatchObject({ code: 'SR_IO' })
    await expect(log.read(0, 100)).rejects.toMatchObject({ code: 'SR_IO' })
    await log.close()
  })

  test('at an interval does not wait, and the clock makes it durable', async () => {
    const clock = manualClock()
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 1024, sync: { interval: 100, clock } })
    await appendAll(log, ['a'])
    await log.sync()
    expect(log.durableEnd).toBe(0)
    clock.advance(100)
    await log.close()
    expect(log.durableEnd).toBe(1)
    expect(clock.waiting).toBe(0)
  })
})

describe('read', () => {
  test('tells where its segments begin, and how large they are', async () => {
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 100, sync: 'always' })
    expect(log.segments).toEqual([{ first: 0, bytes: 40 }])
    for (const text of texts(20)) await log.append([Buffer.from(text)])
    const { segments } = log
    expect(segments.length).toBeGreaterThan(3)
    expect(segments.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(log.bytes)
    const second = segments[1]?.first ?? 0
    await log.drop(second)
    expect(log.segments).toEqual(segments.slice(1))
    expect(await log.read(second, 1)).toMatchObject([{ seq: second }])
  })

  test('gives at least one frame and about as many bytes as asked for', async () => {
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 1e6, sync: 'always' })
    await appendAll(log, texts(100, 50))
    expect(await log.read(0, 1)).toHaveLength(1)
    expect((await log.read(10, 670)).map(({ seq }) => seq)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19])
    expect(await log.read(100, 1000)).toEqual([])
  })

  test('going on where the last call ended reads every byte of the file once', async () => {
    const { storage, bytes } = counting(memoryStorage())
    const log = await openLog(storage, '/log', { segmentSize: 1e6, sync: 'always' })
    await appendAll(log, texts(50, 1000))
    bytes.read = 0
    for (let from = 0; from < log.end; ) from += (await log.read(from, 1000)).length
    expect(bytes.read).toBeLessThan(log.bytes * 1.05)
  })

  test('refuses numbers that the log does not hold', async () => {
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 160, sync: 'always' })
    await appendAll(log, texts(10, 40))
    await log.drop(5)
    await expect(log.read(2, 100)).rejects.toThrow('but frame 2 was asked for')
    await expect(log.read(11, 100)).rejects.toThrow('holds frames 4 to 10, but frame 11 was asked for')
  })

  test('sees frames that two readers at different places read in turns', async () => {
    const log = await openLog(memoryStorage(), '/log', { segmentSize: 300, sync: 'always' })
    await appendAll(log, texts(40))
    const seen: string[][] = [[], []]
    for (let step = 0; step < 20; step++) {
      seen[0]?.push(...(await log.read(step, 1)).map(({ payload }) => payload.toString()))
      seen[1]?.push(...(await log.read(20 + step, 1)).map(({ payload }) => payload.toString()))
    }
    expect(seen.flat()).toEqual(texts(40))
  })
})

describe('truncate', () => {
  test.each([0, 1, 5, 9, 10])('to %i leaves exactly the frames before it, durably', async (end) => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', { segmentSize: 160, sync: 'always' })
    await appendAll(log, texts(10, 40))
    await log.truncate(end)
    expect(log).toMatchObject({ end, durableEnd: end })
    expect(await payloads(await reopened(storage.crash(seededRandom(end))))).toEqual(texts(10, 40).slice(0, end))
    await appendAll(log, ['new', 'newer'])
    expect(await payloads(log)).toEqual([...texts(10, 40).slice(0, end), 'new', 'newer'])
  })

  test('to 0 starts a log anew whose first frames are long gone', async () => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', { segmentSize: 160, sync: 'always' })
    await appendAll(log, texts(10, 40))
    await log.drop(7)
    await log.truncate(0)
    expect(log).toMatchObject({ first: 0, end: 0 })
    await appendAll(log, ['new'])
    expect(await payloads(await reopened(storage))).toEqual(['new'])
  })

  test('refuses an end that the log does not reach: acknowledged frames are missing', async () => {
    const log = await openLog(memoryStorage(), '/log', ALWAYS)
    await appendAll(log, texts(3))
    await expect(log.truncate(4)).rejects.toMatchObject({ code: 'SR_LOG_CORRUPT' })
  })
})

test('a reader that had read further finds the frames that were written anew after a truncate', async () => {
  const log = await openLog(memoryStorage(), '/log', { segmentSize: 1e6, sync: 'always' })
  await appendAll(log, texts(6, 40))
  await log.read(0, 160)
  await log.truncate(1)
  await appendAll(log, texts(9, 33))
  expect((await log.read(3, 1)).map(({ payload }) => payload.toString())).toEqual([texts(9, 33)[2]])
})

test('a segment whose name a kill left in memory only is safe once the log was opened again (R-8)', async () => {
  const storage = memoryStorage()
  const log = await openLog(storage, '/log', { segmentSize: 60, sync: 'always' })
  await appendAll(log, ['a'.repeat(20)])
  storage.failNext('syncFolder', 'EIO')
  await expect(log.append([Buffer.alloc(20)])).rejects.toMatchObject({ code: 'SR_IO' })
  const again = await reopened(storage)
  await appendAll(again, ['b'])
  expect(await payloads(await reopened(storage.crash({ next: () => 0 })))).toEqual(['a'.repeat(20), 'b'])
})

describe('drop', () => {
  test('removes whole segments from the front, and only those', async () => {
    const storage = memoryStorage()
    const log = await openLog(storage, '/log', { segmentSize: 160, sync: 'always' })
    await appendAll(log, texts(10, 40))
    await log.drop(5)
    expect(log.first).toBe(4)
    expect((await storage.list('/log')).map(({ name }) => name).sort()[0]).toBe('0000000000000004.log')
    await log.drop(10)
    expect(log.first).toBe(8)
    expect(await payloads(log)).toEqual(texts(10, 40).slice(8))
  })
})

test('a new segment that cannot be made is made before anything else is written', async () => {
  const storage = memoryStorage()
  const log = await openLog(storage, '/log', { segmentSize: 100, sync: 'always' })
  await appendAll(log, ['x'.repeat(40)])
  storage.failNext('write', 'ENOSPC')
  await expect(log.append([Buffer.alloc(50)])).rejects.toMatchObject({ code: 'ENOSPC' })
  await appendAll(log, ['y'])
  expect(await payloads(await reopened(storage))).toEqual(['x'.repeat(40), 'y'])
})

const GOLDEN = ['the first frame', 'a frame: ünï\u0000code', '', 'x'.repeat(30)]

async function appendAll(log: Log, all: readonly string[]): Promise<void> {
  await Promise.all(all.map((text) => log.append([Buffer.from(text)])))
  await log.sync()
}

async function payloads(log: Log): Promise<string[]> {
  const found: string[] = []
  for (let from = log.first; from < log.end; ) {
    const frames = await log.read(from, 100)
    expect(frames[0]?.seq).toBe(from)
    found.push(...frames.map(({ payload }) => payload.toString()))
    from += frames.length
  }
  return found
}

function reopened(storage: Storage): Promise<Log> {
  return openLog(storage, '/log', ALWAYS)
}

function texts(count: number, size = 0): string[] {
  return Array.from({ length: count }, (_, index) => `frame ${index} `.padEnd(size, '.'))
}

/** A log whose first segment was written as if all before had come and gone. */
async function logStartingAt(base: number): Promise<{ log: Log; storage: MemoryStorage }> {
  const storage = memoryStorage()
  await storage.makeFolder('/log')
  const { file } = await createSegment(storage, '/log', base, undefined)
  await file.close()
  return { log: await reopened(storage), storage }
}

/** Notes writes and syncs of files, counts the bytes that are read, and can hold the next sync back. */
function counting(storage: Storage) {
  const calls: string[] = []
  const bytes = { read: 0 }
  let gate = Promise.resolve()
  const open: Storage['open'] = async (path, mode) => {
    const file = await storage.open(path, mode)
    return {
      async read(target, offset, length, position) {
        const count = await file.read(target, offset, length, position)
        bytes.read += count
        return count
      },
      write(chunks, position) {
        calls.push('write')
        return file.write(chunks, position)
      },
      async sync() {
        calls.push('sync')
        await gate
        await file.sync()
      },
      truncate: (length) => file.truncate(length),
      stat: () => file.stat(),
      close: () => file.close(),
    }
  }
  function hold(): () => void {
    let release = () => {}
    gate = new Promise((resolve) => {
      release = resolve
    })
    return release
  }
  const counted: Storage = {
    open,
    stat: (path) => storage.stat(path),
    list: (folder) => storage.list(folder),
    makeFolder: (folder) => storage.makeFolder(folder),
    rename: (from, to) => storage.rename(from, to),
    remove: (path) => storage.remove(path),
    syncFolder: (folder) => storage.syncFolder(folder),
    realPath: (path) => storage.realPath(path),
    freeBytes: (path) => storage.freeBytes(path),
    lock: (folder) => storage.lock(folder),
    watch: (folder, changed) => storage.watch(folder, changed),
  }
  return { storage: counted, calls, bytes, hold }
}
