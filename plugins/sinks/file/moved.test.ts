import { expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { type Json, makeRecord, recordsBatch, type Sink, type Storage } from '../../../engine/plugin.ts'
import { memoryStorage, readText, sinkContext } from '../../../test/contract/index.ts'
import file from './index.ts'
import type { FileState } from './state.ts'

const PATH = '/logs/input.log'

test('a file that was rotated away is finished: the next record goes to a new one, and a flush is no error', async () => {
  const storage = memoryStorage()
  const { sink, commit } = await start(storage)
  await sink.write(batchOf(1))
  await storage.rename(PATH, `${PATH}.1`)
  await commit()
  await sink.write(batchOf(2))
  await sink.write(batchOf(3))
  await commit()
  expect(await contents(storage)).toEqual(['1\n', '2\n3\n'])
})

test('after a rotation a restart takes back what the new file got since the checkpoint, and leaves the old one alone', async () => {
  const storage = memoryStorage()
  const { sink, commit } = await start(storage)
  await sink.write(batchOf(1))
  const state = await commit()
  await sink.write(batchOf(2))
  await storage.rename(PATH, `${PATH}.1`)
  await sink.write(batchOf(3))
  const again = await start(storage, state)
  await again.sink.write(batchOf(2))
  await again.sink.write(batchOf(3))
  expect(await contents(storage)).toEqual(['1\n2\n', '2\n3\n'])
})

test('a file that was rotated away while nobody wrote is not missed at the start', async () => {
  const storage = memoryStorage()
  const { sink, commit } = await start(storage)
  await sink.write(batchOf(1))
  const state = await commit()
  await sink.close?.()
  await storage.rename(PATH, `${PATH}.1`)
  const again = await start(storage, state)
  await again.sink.write(batchOf(2))
  expect(await contents(storage)).toEqual(['1\n', '2\n'])
})

test('a file in place is cut back as without rotation', async () => {
  const storage = memoryStorage()
  const { sink, commit } = await start(storage)
  await sink.write(batchOf(1))
  const state = await commit()
  await sink.write(batchOf('lost'))
  await start(storage, state)
  expect(await readText(storage, PATH)).toBe('1\n')
})

test('many files through few open ones keep what comes after some were moved', async () => {
  const storage = memoryStorage()
  const { sink, commit } = await start(storage, undefined, { path: '/logs/{to}', max_open_files: 1 })
  await sink.write(batchOf({ to: 'a', n: 1 }, { to: 'b', n: 1 }))
  await storage.rename('/logs/a', '/logs/a.1')
  await sink.write(batchOf({ to: 'a', n: 2 }, { to: 'b', n: 2 }))
  await storage.rename('/logs/b', '/logs/b.1')
  await commit()
  await sink.write(batchOf({ to: 'b', n: 3 }))
  const texts = await Promise.all(['a.1', 'a', 'b.1', 'b'].map((name) => readText(storage, `/logs/${name}`)))
  expect(texts.map((text) => text?.match(/"n":\d/g)?.join(' '))).toEqual(['"n":1', '"n":2', '"n":1 "n":2', '"n":3'])
})

async function start(storage: Storage, state?: FileState, options: { readonly [name: string]: Json } = {}) {
  const settings = readOptions(file.options, { path: PATH, when_moved: 'reopen', ...options })
  const sink = (await file.open(settings, sinkContext({ storage, stateFolder: '/state' }))) as Sink<FileState>
  await sink.restore?.(state)
  const commit = async () => {
    const flushed = (await sink.flush?.()) as FileState
    await sink.commit?.(flushed)
    return flushed
  }
  return { sink, commit }
}

function contents(storage: Storage): Promise<(string | undefined)[]> {
  return Promise.all([readText(storage, `${PATH}.1`), readText(storage, PATH)])
}

function batchOf(...values: readonly Json[]) {
  const origin = { component: 'source', partition: 'list', position: null }
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}
