import { expect, test } from 'vitest'
import { memoryStorage, readText } from '../../../test/contract/index.ts'
import { Intents } from './intents.ts'

const FIRST = { path: '/out/a', inode: '1:1', length: null }
const SECOND = { path: '/out/ü', inode: '1:2', length: 7 }

test('what was recorded is there for the next run, in order', async () => {
  const storage = memoryStorage()
  await new Intents(storage, '/state').record([FIRST, SECOND])
  const next = new Intents(storage, '/state')
  expect(await next.load()).toEqual([
    { number: 0, ...FIRST },
    { number: 1, ...SECOND },
  ])
  expect(next.next).toBe(2)
})

test('cut at any byte, the file gives the intents that are whole', async () => {
  const storage = memoryStorage()
  await new Intents(storage, '/state').record([FIRST, SECOND])
  const bytes = Buffer.from((await readText(storage, '/state/intents')) ?? '')
  const firstLine = bytes.indexOf(0x0a) + 1
  const file = await storage.open('/state/intents', 'edit')
  for (let length = bytes.length - 1; length >= 0; length--) {
    await file.truncate(length)
    const found = await new Intents(storage, '/state').load()
    expect(found.map(({ path }) => path)).toEqual(length >= firstLine ? ['/out/a'] : [])
  }
})

test('a line with one changed bit is not believed, nor what follows it', async () => {
  const storage = memoryStorage()
  await new Intents(storage, '/state').record([FIRST, SECOND])
  const bytes = Buffer.from((await readText(storage, '/state/intents')) ?? '')
  const firstLine = bytes.indexOf(0x0a) + 1
  const file = await storage.open('/state/intents', 'edit')
  for (let at = 0; at < bytes.length; at++) {
    const flipped = Buffer.from(bytes)
    flipped[at] = (bytes[at] as number) ^ 1
    await file.write([flipped], 0)
    const found = await new Intents(storage, '/state').load()
    expect(found.map(({ path }) => path)).toEqual(at < firstLine ? [] : ['/out/a'])
  }
})

test('forgets what a state covers, and keeps what came after', async () => {
  const storage = memoryStorage()
  const intents = new Intents(storage, '/state')
  await intents.record([FIRST])
  const covered = intents.next
  await intents.record([SECOND])
  await intents.forget(covered)
  expect(await new Intents(storage, '/state').load()).toEqual([{ number: 1, ...SECOND }])
  await intents.record([FIRST])
  await intents.forget(intents.next)
  expect(await new Intents(storage, '/state').load()).toEqual([])
})

test('a full disk fails the record and does no harm: it can be tried again', async () => {
  const storage = memoryStorage()
  const intents = new Intents(storage, '/state')
  await intents.record([FIRST])
  storage.failNext('write', 'ENOSPC')
  await expect(intents.record([SECOND])).rejects.toMatchObject({ message: 'disk full' })
  await intents.record([SECOND])
  expect((await new Intents(storage, '/state').load()).map(({ path }) => path)).toEqual(['/out/a', '/out/ü'])
})

test('a full disk does not keep a state from being committed', async () => {
  const storage = memoryStorage()
  const intents = new Intents(storage, '/state')
  await intents.record([FIRST])
  const covered = intents.next
  await intents.record([SECOND])
  storage.failNext('write', 'ENOSPC')
  await intents.forget(covered)
  await intents.forget(covered)
  expect(await new Intents(storage, '/state').load()).toEqual([{ number: 1, ...SECOND }])
})
