import { expect, test } from 'vitest'
import { memoryStorage } from '../trial/memory-storage.ts'
import { followLog, type LogFollower } from './follower.ts'
import { openLog } from './index.ts'

const OPTIONS = { segmentSize: 120, sync: 'always' } as const

test('shows what the writer had written when it last looked', async () => {
  const storage = memoryStorage()
  const follower = await followLog(storage, '/log')
  expect(await payloads(follower)).toEqual([])
  const log = await openLog(storage, '/log', OPTIONS)
  const written: string[] = []
  for (let count = 0; count < 30; count++) {
    written.push(`frame ${count}`)
    await log.append([Buffer.from(`frame ${count}`)])
    expect(await payloads(follower)).toEqual(written.slice(0, -1))
    expect(await follower.refresh()).toBe(true)
    expect(await payloads(follower)).toEqual(written)
    expect(await follower.refresh()).toBe(false)
  }
  expect(follower.segments).toEqual(log.segments)
})

test('follows what is dropped, and what is written in place of what was taken back', async () => {
  const storage = memoryStorage()
  const log = await openLog(storage, '/log', OPTIONS)
  for (let count = 0; count < 20; count++) await log.append([Buffer.from(`frame ${count}`)])
  const follower = await followLog(storage, '/log')
  await payloads(follower)
  await log.drop(10)
  await log.truncate(15)
  await log.append([Buffer.from('another, and longer')])
  await follower.refresh()
  expect(follower.first).toBe(log.first)
  expect((await payloads(follower)).slice(-2)).toEqual(['frame 14', 'another, and longer'])
})

test('leaves a frame that is being written, and a segment that is being made, where they are', async () => {
  const storage = memoryStorage()
  const log = await openLog(storage, '/log', OPTIONS)
  await log.append([Buffer.from('whole')])
  const path = '/log/0000000000000000.log'
  const size = (await storage.stat(path))?.size ?? 0
  await (await storage.open(path, 'edit')).write([Buffer.from('half a frame of another number')], size)
  await storage.open('/log/0000000000000001.log', 'create')
  const follower = await followLog(storage, '/log')
  expect(await payloads(follower)).toEqual(['whole'])
  expect((await storage.stat(path))?.size).toBeGreaterThan(size)
  expect(await storage.list('/log')).toHaveLength(2)
})

async function payloads(follower: LogFollower): Promise<string[]> {
  const found: string[] = []
  for (let from = follower.first; from < follower.end; ) {
    const frames = await follower.read(from, 50)
    found.push(...frames.map(({ payload }) => payload.toString()))
    from += frames.length
  }
  return found
}
