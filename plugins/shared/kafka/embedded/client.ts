import type {
  Consumer,
  ConsumerSettings,
  Kafka,
  OffsetRange,
  Producer,
  ProducerSettings,
  TopicInfo,
  TopicOffset,
  TopicSettings,
} from '../port.ts'
import { EmbeddedConsumer } from './consumer.ts'
import { offsetsFault, orDiskFault } from './faults.ts'
import { EmbeddedProducer } from './producer.ts'
import type { Shared } from './shared.ts'
import { EmbeddedTransactional } from './transactional.ts'

/** One pipeline's view of the embedded topics: closing it closes what it opened, and nothing of the others. */
export function clientOf(shared: Shared, description: string): Kafka {
  const opened = new Set<{ close(): Promise<void> }>()
  const { topics, ledger } = shared
  return {
    kind: 'embedded',
    description,
    topics: (names?: readonly string[]): Promise<readonly TopicInfo[]> => topics.list(names),
    createTopic: (name: string, settings: TopicSettings) => topics.create(name, settings),
    deleteTopic: (name) => shared.deleteTopic(name),
    deleteRecords: (before) => deleteRecords(shared, before),
    async offsets(topic): Promise<readonly OffsetRange[]> {
      return (await topics.get(topic)).map(({ range }) => range)
    },
    async offsetsAt(topic, timestamp) {
      return Promise.all((await topics.get(topic)).map((partition) => partition.reader.offsetAt(timestamp)))
    },
    async groups() {
      return [...new Set([...ledger.groups(), ...shared.groupsWithMembers()])].sort()
    },
    async committed(group, topic) {
      return (await topics.get(topic)).map(({ key }) => ledger.committed(group, key))
    },
    async producer(settings: ProducerSettings): Promise<Producer> {
      const producer = new EmbeddedProducer(shared, settings.owner)
      try {
        for (const topic of settings.topics ?? []) shared.hold(topic, producer)
      } catch (error) {
        await producer.close()
        throw error
      }
      opened.add(producer)
      return producer
    },
    async transactional(settings) {
      const producer = new EmbeddedTransactional(shared, settings)
      await producer.open()
      opened.add(producer)
      return producer
    },
    async consumer(settings: ConsumerSettings): Promise<Consumer> {
      const partitions = await Promise.all([...new Set(settings.topics)].map((topic) => topics.get(topic)))
      const consumer = new EmbeddedConsumer(shared, settings, partitions.flat())
      opened.add(consumer)
      consumer.begin()
      return consumer
    },
    async close() {
      for (const one of opened) await one.close()
      opened.clear()
    },
  }
}

async function deleteRecords(shared: Shared, before: readonly TopicOffset[]): Promise<void> {
  const found = await Promise.all(
    before.map(async ({ topic, partition: number, offset }) => {
      const partition = await shared.topics.partition(topic, number)
      const { earliest, latest } = partition.range
      if (offset <= latest) return { partition, offset: Math.max(offset, earliest) }
      throw offsetsFault(`${partition.key} holds offsets ${earliest} to ${latest}; there is no ${offset}`)
    }),
  )
  const offsets = new Map(found.map(({ partition, offset }) => [partition.key, offset]))
  await orDiskFault('the ledger', shared.ledger.deleteBefore(offsets))
  for (const { partition } of found) await shared.tidy(partition)
  shared.changed.notify()
}
