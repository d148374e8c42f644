import { expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { type Json, makeRecord, recordsBatch, type Sink, type Storage } from '../../../engine/plugin.ts'
import { type MemoryStorage, memoryStorage, readText, runPipeline, sinkContext } from '../../../test/contract/index.ts'
import { listSource, records } from '../../../test/contract/list-source.ts'
import file from './index.ts'
import type { FileState } from './state.ts'

test('each file of a template begins with its header once, however often it is closed in between', async () => {
  const storage = memoryStorage()
  const sink = await start(storage, { path: '/out/{to}.csv', max_open_files: 1 })
  for (const number of [1, 2]) for (const to of ['a', 'b', 'c']) await sink.write(batchOf({ to, number }))
  for (const to of ['a', 'b', 'c']) {
    expect(await readText(storage, `/out/${to}.csv`)).toBe(`to,number\n${to},1\n${to},2\n`)
  }
})

test('what a restart cuts back keeps its header, and what it removes gets it again', async () => {
  const storage = memoryStorage()
  const sink = await start(storage, { path: '/out/{to}.csv' })
  await sink.write(batchOf({ to: 'kept', number: 1 }))
  const state = await sink.flush?.()
  await sink.write(batchOf({ to: 'kept', number: 2 }, { to: 'new', number: 2 }))
  const again = await start(storage, { path: '/out/{to}.csv' }, state)
  expect(await readText(storage, '/out/new.csv')).toBeUndefined()
  await again.write(batchOf({ number: 3, to: 'kept' }, { number: 3, to: 'new' }))
  expect(await readText(storage, '/out/kept.csv')).toBe('to,number\nkept,1\nkept,3\n')
  expect(await readText(storage, '/out/new.csv')).toBe('number,to\n3,new\n')
})

test('a header that found the disk full is written with the next attempt', async () => {
  const storage = memoryStorage()
  const sink = await start(storage, { path: '/out/x.csv' })
  storage.failNext('write', 'ENOSPC', 2)
  await expect(sink.write(batchOf({ a: 1 }))).rejects.toThrow()
  await sink.write(batchOf({ a: 1 }))
  await sink.write(batchOf({ a: 2 }))
  expect(await readText(storage, '/out/x.csv')).toBe('a\n1\n2\n')
})

test('mode overwrite writes a header of its own', async () => {
  const storage = await diskWith('b,a\n1,2\n')
  const sink = await start(storage, { path: '/out/x.csv', mode: 'overwrite' })
  await sink.write(batchOf({ a: 1 }))
  expect(await readText(storage, '/out/x.csv')).toBe('a\n1\n')
})

test('a file that is there goes on in the order of its header', async () => {
  const storage = await diskWith('b,a\n1,2\n')
  const sink = await start(storage, { path: '/out/x.csv' })
  await sink.write(batchOf({ a: 3, b: 4 }))
  expect(await readText(storage, '/out/x.csv')).toBe('b,a\n1,2\n4,3\n')
})

test('a file that is there and is no CSV stops the start, and says which', async () => {
  const storage = await diskWith('{"no":"header"}')
  await expect(start(storage, { path: '/out/x.csv' })).rejects.toMatchObject({
    code: 'SR_OUTPUT_HEADER',
    exitCode: 73,
    message: expect.stringContaining('/out/x.csv'),
  })
})

test('a pipeline file says how, and what does not fit is a dead letter', async () => {
  const yaml = `
sources: { list: { type: testing-list } }
sinks: { out: { type: file, path: /out/x.csv, codec: csv, csv: { delimiter: ';', escape_formulas: true } } }`
  const { plugin } = listSource(records({ a: '=1', b: 'x;y' }, { a: 1, c: 2 }, { b: 3 }))
  const run = await runPipeline(yaml, { plugins: [plugin] })
  expect(await run.ended).toMatchObject({ exitCode: 0 })
  expect(await readText(run.storage, '/out/x.csv')).toBe('a;b\n\'=1;"x;y"\n;3\n')
  expect(await run.deadLetters()).toMatchObject([{ component: 'out', code: 'SR_ENCODE_FAILED' }])
})

type Options = { readonly [name: string]: Json }

async function start(storage: Storage, options: Options, state?: FileState): Promise<Sink<FileState>> {
  const context = sinkContext({ storage, stateFolder: '/state', codec: 'csv' })
  const sink = (await file.open(readOptions(file.options, options), context)) as Sink<FileState>
  await sink.restore?.(state)
  return sink
}

async function diskWith(text: string): Promise<MemoryStorage> {
  const storage = memoryStorage()
  await storage.makeFolder('/out')
  const old = await storage.open('/out/x.csv', 'create')
  await old.write([Buffer.from(text)], 0)
  return storage
}

function batchOf(...values: Json[]) {
  const origin = { component: 'source', partition: 'list', position: null }
  return recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
}
