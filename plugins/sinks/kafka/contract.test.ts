import type { Json, Storage } from '../../../engine/plugin.ts'
import { describeSink, memoryStorage, type SinkFixture } from '../../../test/contract/index.ts'
import { topicsOn, valuesOf } from '../../shared/kafka/topics.fixture.ts'
import kafka from './index.ts'

const OPTIONS = { connection: 'shop', topic: 'events' }

const fixture: SinkFixture = {
  plugin: kafka,
  delivery: 'exactly-once',
  storage: memoryStorage,
  connect: async (storage) => ({ shop: await topicsOn(storage) }),
  prepare: () => ({ options: OPTIONS, read }),
}

describeSink('kafka, embedded', fixture)

describeSink('kafka, embedded, by key', {
  ...fixture,
  refused: { no: 'number' },
  prepare: () => ({ options: { ...OPTIONS, key: 'number', create: { partitions: 3 } }, read }),
})

/** What another process would find: only what is committed. */
async function read(storage: Storage): Promise<Json[][]> {
  const topics = await topicsOn(storage)
  const lists = await valuesOf(topics, 'events')
  return lists.map((list) => list.map((text) => JSON.parse(text) as Json))
}
