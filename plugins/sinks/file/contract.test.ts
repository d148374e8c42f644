import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { Json } from '../../../engine/plugin.ts'
import { diskStorage, type Storage } from '../../../engine/storage.ts'
import { describeSink, memoryStorage, readLines, readText, type SinkFixture } from '../../../test/contract/index.ts'
import file from './index.ts'

const fixture: SinkFixture = {
  plugin: file,
  storage: memoryStorage,
  prepare: () => ({
    options: { path: '/out/records.ndjson' },
    read: async (storage) => [await readValues(storage, '/out/records.ndjson')],
  }),
}

describeSink('file', fixture)

describeSink('file, without a codec that looks', {
  ...fixture,
  codec: 'lines',
  refused: { no: 'text' },
  prepare: () => ({
    options: { path: '/out/records.txt' },
    read: async (storage) => [await readLines(storage, '/out/records.txt')],
  }),
})

describeSink('file, as CSV, one for each bucket', {
  ...fixture,
  codec: 'csv',
  refused: { number: 'no bucket' },
  value: (number) => ({ number, bucket: `b${number % 3}`, text: 'a "quoted"\nline' }),
  prepare: () => ({
    options: { path: '/out/{bucket}.csv', max_open_files: 2 },
    read: (storage) => Promise.all([0, 1, 2].map((bucket) => readTable(storage, `/out/b${bucket}.csv`))),
  }),
})

describeSink('file, one for each bucket', {
  ...fixture,
  refused: { number: 'no bucket' },
  value: (number) => ({ number, bucket: `b${number % 3}` }),
  prepare: () => ({
    options: { path: '/out/{bucket}.ndjson', max_open_files: 2 },
    read: (storage) => Promise.all([0, 1, 2].map((bucket) => readValues(storage, `/out/b${bucket}.ndjson`))),
  }),
})

describeSink('file, on a real disk', {
  plugin: file,
  storage: diskStorage,
  async prepare() {
    const folder = await mkdtemp(join(tmpdir(), 'streamrun-file-sink-'))
    const path = join(folder, 'deep', 'records.ndjson')
    return {
      options: { path },
      read: async (storage) => [await readValues(storage, path)],
      dispose: () => rm(folder, { recursive: true }),
    }
  },
})

/** A second header would be a row more. */
async function readTable(storage: Storage, path: string): Promise<Json[]> {
  const text = (await readText(storage, path)) ?? ''
  return parse(text, { columns: true, cast: (cell, { column }) => (column === 'number' ? Number(cell) : cell) })
}

async function readValues(storage: Storage, path: string) {
  return (await readLines(storage, path)).map((line) => JSON.parse(line))
}
