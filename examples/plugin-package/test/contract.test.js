import { join } from 'node:path'
import { describeSink, describeSource, memoryStorage, readText } from 'streamrun/testing'
import { writeFile } from '../src/files.js'
import { spoolSink } from '../src/sink.js'
import { spoolSource } from '../src/source.js'

const COUNT = 35

describeSource('spool', {
  plugin: spoolSource,
  storage: memoryStorage,
  async prepare(storage) {
    await storage.makeFolder('/inbox')
    const values = Array.from({ length: COUNT }, (_, number) => ({ number }))
    for (const { number } of values) await put(storage, `${number + 1000}.json`, JSON.stringify({ number }))
    await put(storage, '1007.json.tmp', 'still being written')
    await put(storage, '1007x.json', '{"number":')
    return {
      options: { folder: '/inbox', follow: false },
      endless: { folder: '/inbox', poll: '1ms' },
      broken: { folder: '/nowhere', follow: false },
      records: [values],
      failed: ['SR_JSON_INVALID'],
    }
  },
})

describeSink('spool', {
  plugin: spoolSink,
  storage: memoryStorage,
  prepare: () => ({
    options: { folder: '/outbox' },
    async read(storage) {
      const names = (await storage.list('/outbox')).map(({ name }) => name).filter((name) => name.endsWith('.json'))
      const texts = await Promise.all(names.sort().map((name) => readText(storage, join('/outbox', name))))
      return [texts.map((text) => JSON.parse(text))]
    },
  }),
})

async function put(storage, name, text) {
  await writeFile(storage, join('/inbox', name), Buffer.from(text))
}
