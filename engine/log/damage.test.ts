import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { StreamrunError } from '../errors.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { openLog } from './index.ts'

const FRAMES = ['one', 'number two', '', 'the fourth frame']
const FOLDER = '/log'

describe.each([
  { segments: 'one segment', segmentSize: 1024 },
  { segments: 'two segments', segmentSize: 100 },
])('a log of 4 frames in $segments', ({ segmentSize }) => {
  test('cut off at any byte keeps the frames before the cut, and whoever knows of more is told (DC-01)', async () => {
    for (const { path, content } of await filesOf(segmentSize)) {
      for (let length = 0; length < content.length; length++) {
        await judge(segmentSize, path, content.subarray(0, length), `${path} cut to ${length}`)
      }
    }
  })

  test('with any bit flipped never gives a wrong frame (DC-02)', async () => {
    for (const { path, content } of await filesOf(segmentSize)) {
      for (let bit = 0; bit < content.length * 8; bit++) {
        const flipped = Buffer.from(content)
        flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
        await judge(segmentSize, path, flipped, `${path} bit ${bit}`)
      }
    }
  })

  test('zeroed from any byte on is like one that was cut there (DC-03)', async () => {
    for (const { path, content } of await filesOf(segmentSize)) {
      for (let from = 0; from < content.length; from++) {
        const zeroed = Buffer.concat([content.subarray(0, from), Buffer.alloc(content.length - from + 100)])
        await judge(segmentSize, path, zeroed, `${path} zeroed from ${from}`)
      }
    }
  })
})

test('a damaged frame with a whole one behind it is corruption, named with its file and offset (D-3)', async () => {
  const storage = await written(1024)
  await change(storage, '/log/0000000000000000.log', (content) => {
    content[40 + 17] = 0x7a
    return content
  })
  await expect(openLog(storage, FOLDER, options(1024))).rejects.toThrow(
    '/log/0000000000000000.log, byte 40: frame 0 is damaged, and a whole frame stands behind it at 60',
  )
})

test('a missing segment is noticed on opening', async () => {
  const storage = await written(60)
  await storage.remove('/log/0000000000000002.log')
  await expect(openLog(storage, FOLDER, options(60))).rejects.toThrow('the segment before it is missing')
})

test('damage in an older segment does not keep the log from opening; reading there stops (DC-14)', async () => {
  const storage = await written(60)
  await change(storage, '/log/0000000000000001.log', (content) => {
    content[45] = 0xff
    return content
  })
  const log = await openLog(storage, FOLDER, options(60))
  expect(await log.read(0, 100)).toHaveLength(1)
  await expect(log.read(1, 100)).rejects.toMatchObject({
    code: 'SR_LOG_CORRUPT',
    message: '/log/0000000000000001.log, byte 40: frame 1 is damaged',
  })
  expect(await log.read(2, 100)).not.toHaveLength(0)
})

test('a log of a later version is refused, not cut (D-8, DC-11)', async () => {
  const storage = await written(1024)
  await change(storage, '/log/0000000000000000.log', (content) => {
    content.writeUInt32LE(2, 8)
    content.writeUInt32LE(crc32(content.subarray(0, 36)), 36)
    return content
  })
  await expect(openLog(storage, FOLDER, options(1024))).rejects.toMatchObject({ code: 'SR_LOG_VERSION' })
})

test('files of other names are left alone', async () => {
  const storage = await written(1024)
  await storage.open('/log/notes.txt', 'create')
  expect((await openLog(storage, FOLDER, options(1024))).end).toBe(4)
})

/**
 * Opens a log with a damaged file twice. Whatever it gives must be the beginning of what was written; when that is not
 * all, whoever knows that there were 4 frames is refused.
 */
async function judge(segmentSize: number, path: string, content: Buffer, what: string): Promise<void> {
  const storage = await written(segmentSize)
  await change(storage, path, () => content)
  const first = await contents(storage, segmentSize)
  expect(await contents(storage, segmentSize), what).toEqual(first)
  if (first === 'SR_LOG_CORRUPT') return
  expect(first, what).toEqual(FRAMES.slice(0, first.length))
  const log = await openLog(storage, FOLDER, options(segmentSize))
  if (log.end < FRAMES.length) {
    await expect(log.truncate(FRAMES.length), what).rejects.toMatchObject({ code: 'SR_LOG_CORRUPT' })
  }
}

async function contents(storage: MemoryStorage, segmentSize: number): Promise<string[] | 'SR_LOG_CORRUPT'> {
  try {
    const log = await openLog(storage, FOLDER, options(segmentSize))
    const found: string[] = []
    while (found.length < log.end) {
      found.push(...(await log.read(found.length, 1000)).map(({ payload }) => payload.toString()))
    }
    await log.close()
    return found
  } catch (error) {
    if (error instanceof StreamrunError && error.code === 'SR_LOG_CORRUPT') return error.code
    throw error
  }
}

async function written(segmentSize: number): Promise<MemoryStorage> {
  const storage = memoryStorage()
  const log = await openLog(storage, FOLDER, options(segmentSize))
  for (const text of FRAMES) await log.append([Buffer.from(text)])
  await log.sync()
  await log.close()
  return storage
}

async function filesOf(segmentSize: number): Promise<{ path: string; content: Buffer }[]> {
  const storage = await written(segmentSize)
  const names = (await storage.list(FOLDER)).map(({ name }) => `${FOLDER}/${name}`)
  return Promise.all(names.map(async (path) => ({ path, content: await contentOf(storage, path) })))
}

async function contentOf(storage: MemoryStorage, path: string): Promise<Buffer> {
  const file = await storage.open(path, 'read')
  const content = Buffer.alloc((await file.stat()).size)
  await file.read(content, 0, content.length, 0)
  return content
}

async function change(storage: MemoryStorage, path: string, edit: (content: Buffer) => Buffer): Promise<void> {
  const content = await contentOf(storage, path)
  const file = await storage.open(path, 'edit')
  const edited = edit(content)
  await file.truncate(0)
  await file.write([edited], 0)
  await file.sync()
}

function options(segmentSize: number) {
  return { segmentSize, sync: 'always' } as const
}
