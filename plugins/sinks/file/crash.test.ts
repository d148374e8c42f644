import { expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { makeRecord, recordsBatch, type Sink, type Storage, type StoredFile } from '../../../engine/plugin.ts'
import { type MemoryStorage, memoryStorage, readText, sinkContext } from '../../../test/contract/index.ts'
import file from './index.ts'
import type { FileState } from './state.ts'

/**
 * Every epoch writes two records to `a`, which two other paths close in between, one to `b`, and one to a file that no
 * later epoch touches.
 */
const EPOCHS = [1, 2, 3, 4]
const OLD = '{"before":1}\n'

test('killed at any change on the disk and again in recovery, it comes back to exactly its last epoch (R-8)', async () => {
  const seen = new Set<number>()
  for (let kill = 1; !seen.has(EPOCHS.length); kill++) {
    for (const killAgain of [1, 2, 3, 5, 8]) {
      const storage = await diskWithOldFile()
      const { covered, state } = await dieAt(kill, storage)
      seen.add(covered)
      await attempt(async () => (await openOn(killedAt(killAgain, storage))).restore?.(state))
      const sink = await openOn(storage)
      await sink.restore?.(state)
      await expectExactly(storage, covered)
      for (const epoch of EPOCHS.slice(covered)) await sink.write(records(epoch))
      await expectExactly(storage, EPOCHS.length)
      await sink.close?.()
    }
  }
  expect([...seen].sort()).toEqual([0, ...EPOCHS])
})

test.each([
  ['/out/b', OLD],
  ['/out/new', ''],
])('what was written behind a cut of nothing is undone when its epoch is not committed: %s', async (path, before) => {
  const storage = await diskWithOldFile()
  const sink = await openOn(storage, path)
  await sink.restore?.(undefined)
  await sink.flush?.()
  await sink.write(records(1))
  expect(await textOf(storage, path)).not.toBe(before)
  await (await openOn(storage, path)).restore?.(undefined)
  expect(await textOf(storage, path)).toBe(before)
})

async function diskWithOldFile(): Promise<MemoryStorage> {
  const storage = memoryStorage()
  await storage.makeFolder('/out')
  const old = await storage.open('/out/b', 'create')
  await old.write([Buffer.from(OLD)], 0)
  return storage
}

/** Runs until the `kill`th change; says how many epochs are in the checkpoint, and the state in the last of them. */
async function dieAt(kill: number, storage: Storage): Promise<{ covered: number; state: FileState | undefined }> {
  const sink = await openOn(killedAt(kill, storage))
  let covered = 0
  let state: FileState | undefined
  await attempt(async () => {
    await sink.restore?.(undefined)
    for (const epoch of EPOCHS) {
      await sink.write(records(epoch))
      state = await sink.flush?.()
      covered = epoch
      await sink.commit?.(state as FileState)
    }
  })
  return { covered, state }
}

async function expectExactly(storage: Storage, covered: number): Promise<void> {
  const epochs = EPOCHS.slice(0, covered)
  const lines = (to: string, times: number) => epochs.map((epoch) => `{"to":"${to}","epoch":${epoch}}\n`.repeat(times))
  expect(await textOf(storage, '/out/a')).toBe(lines('a', 2).join(''))
  expect(await textOf(storage, '/out/b')).toBe(OLD + lines('b', 1).join(''))
  for (const epoch of EPOCHS) {
    const expected = epochs.includes(epoch) ? `{"to":"e${epoch}","epoch":${epoch}}\n` : ''
    expect(await textOf(storage, `/out/e${epoch}`)).toBe(expected)
  }
}

/** A file that is not there is as good as an empty one. */
async function textOf(storage: Storage, path: string): Promise<string> {
  return (await readText(storage, path)) ?? ''
}

async function openOn(storage: Storage, path = '/out/{to}'): Promise<Sink<FileState>> {
  const options = readOptions(file.options, { path, max_open_files: 2 })
  return (await file.open(options, sinkContext({ storage, stateFolder: '/state' }))) as Sink<FileState>
}

function records(epoch: number) {
  const origin = { component: 'source', partition: 'list', position: null }
  const values = ['a', 'b', `e${epoch}`, 'a'].map((to) => ({ to, epoch }))
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}

async function attempt(act: () => Promise<void> | undefined): Promise<void> {
  try {
    await act()
  } catch {
    // It was killed.
  }
}

/** The disk as a process sees it that is killed in its `nth` change: half of a write is done, of all else nothing. */
function killedAt(nth: number, storage: Storage): Storage {
  let left = nth
  const isAlive = () => --left > 0
  const change =
    <A extends unknown[], T>(act: (...args: A) => Promise<T>) =>
    async (...args: A) => {
      if (!isAlive()) throw new Error('killed')
      return act(...args)
    }
  const mortalFile = (handle: StoredFile): StoredFile => ({
    read: (...args) => handle.read(...args),
    stat: () => handle.stat(),
    close: () => handle.close(),
    sync: change(() => handle.sync()),
    truncate: change((length) => handle.truncate(length)),
    async write(chunks, position) {
      const bytes = Buffer.concat(chunks)
      if (isAlive()) return handle.write([bytes], position)
      if (left === 0) await handle.write([bytes.subarray(0, bytes.length >> 1)], position)
      throw new Error('killed')
    },
  })
  return {
    stat: (path) => storage.stat(path),
    list: (folder) => storage.list(folder),
    realPath: (path) => storage.realPath(path),
    freeBytes: (path) => storage.freeBytes(path),
    lock: (folder) => storage.lock(folder),
    watch: () => undefined,
    open: change(async (path, mode) => mortalFile(await storage.open(path, mode))),
    makeFolder: change((folder) => storage.makeFolder(folder)),
    rename: change((from, to) => storage.rename(from, to)),
    remove: change((path) => storage.remove(path)),
    syncFolder: change((folder) => storage.syncFolder(folder)),
  }
}
