import { describeSource, memoryStorage, type SourceFixture } from '../../../test/contract/index.ts'
import { sendValues, topicsOn } from '../../shared/kafka/topics.fixture.ts'
import kafka from './index.ts'

const fixture: SourceFixture = {
  plugin: kafka,
  storage: memoryStorage,
  connect: async (storage) => ({ shop: await topicsOn(storage) }),
  async prepare(storage) {
    const topics = await topicsOn(storage)
    await topics.createTopic('events', { partitions: 3 })
    await topics.createTopic('empty', { partitions: 1 })
    const lists = [numbered(0, 400), numbered(1, 30), []]
    for (const [partition, list] of lists.entries()) {
      for (let at = 0; at < list.length; at += 40)
        await sendValues(topics, 'events', partition, list.slice(at, at + 40))
    }
    const endless = { connection: 'shop', topics: ['events', 'empty'] }
    return {
      options: { ...endless, until: 'end' },
      endless,
      broken: { connection: 'shop', topics: 'missing', until: 'end' },
      records: lists,
    }
  },
}

describeSource('kafka, embedded', fixture)

function numbered(partition: number, count: number): string[] {
  return Array.from({ length: count }, (_, number) => `{"partition":${partition},"number":${number}}`)
}
