import { describe, expect, it } from 'vitest'
import { RecordError, RetryableError } from '../errors.ts'
import { seededRandom } from '../random.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { type DeadLetter, deadLetterFile } from './dead-letters.ts'

const FOLDER = '/state/dead-letters'
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function open(storage: MemoryStorage, maxSize = 1e6) {
  const clock = manualClock(Date.UTC(2026, 10, 21))
  return deadLetterFile({ storage, clock, log: silent, folder: FOLDER, pump: 'tail', maxSize, maxAge: 1e12 })
}

function letterOf(raw: Uint8Array | string, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    component: 'tail',
    error: new RecordError('SR_JSON_INVALID', 'unexpected end at byte 3'),
    origin: { component: 'tail', partition: '/logs/a.log', position: { offset: 120, line: 4 } },
    raw: Buffer.from(raw),
    size: undefined,
    value: undefined,
    key: null,
    headers: [],
    timestamp: undefined,
    ...more,
  }
}

async function linesOf(storage: MemoryStorage, file = 'tail-000001.ndjson'): Promise<unknown[]> {
  const handle = await storage.open(`${FOLDER}/${file}`, 'read')
  const { size } = await handle.stat()
  const bytes = Buffer.alloc(size)
  await handle.read(bytes, 0, size, 0)
  return bytes
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

describe('dead letters', () => {
  it('keep the original bytes, the reason, and where it happened', async () => {
    const storage = memoryStorage()
    await open(storage).write([letterOf('{"a')])
    expect(await linesOf(storage)).toEqual([
      {
        time: '2026-11-21T00:00:00.000Z',
        component: 'tail',
        code: 'SR_JSON_INVALID',
        message: 'unexpected end at byte 3',
        source: 'tail',
        partition: '/logs/a.log',
        position: { offset: 120, line: 4 },
        attempt: 1,
        raw: '{"a',
      },
    ])
  })

  it('keep bytes that are no text as base64', async () => {
    const storage = memoryStorage()
    await open(storage).write([letterOf(Buffer.from([0xff, 0x00, 0x41]))])
    expect(await linesOf(storage)).toMatchObject([{ raw_base64: '/wBB' }])
  })

  it('are cut back to the last checkpoint with everything else (I-3)', async () => {
    const storage = memoryStorage()
    const before = open(storage)
    await before.write([letterOf('kept')])
    const state = await before.flush?.()
    await before.write([letterOf('not committed')])
    const disk = storage.crash(seededRandom(3))
    for (let recovery = 0; recovery < 2; recovery++) {
      const after = open(disk)
      await after.restore?.(state)
      await after.close?.()
    }
    expect(await linesOf(disk)).toMatchObject([{ raw: 'kept' }])
  })

  it('are bounded: the oldest file goes when all together are too large', async () => {
    const storage = memoryStorage()
    const letters = open(storage, 8000)
    for (let n = 0; n < 100; n++) {
      await letters.write([letterOf(`number ${n}`)])
      await letters.flush?.()
    }
    const names = (await storage.list(FOLDER)).map(({ name }) => name).sort()
    const total = await Promise.all(names.map(async (name) => (await storage.stat(`${FOLDER}/${name}`))?.size ?? 0))
    expect(total.reduce((sum, size) => sum + size, 0)).toBeLessThan(12_000)
    expect(names).not.toContain('tail-000001.ndjson')
    expect((await linesOf(storage, names.at(-1))).at(-1)).toMatchObject({ raw: 'number 99' })
  })

  it('wait when the disk is full, and have no half line when space returns', async () => {
    const storage = memoryStorage()
    const letters = open(storage)
    await letters.write([letterOf('first')])
    storage.failNext('write', 'ENOSPC')
    await expect(letters.write([letterOf('second')])).rejects.toBeInstanceOf(RetryableError)
    await letters.write([letterOf('second')])
    expect(await linesOf(storage)).toMatchObject([{ raw: 'first' }, { raw: 'second' }])
  })
})
