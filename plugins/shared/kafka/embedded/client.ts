import type {
  Consumer,
  ConsumerSettings,
  Kafka,
  OffsetRange,
  Producer,
  ProducerSettings,
  TopicInfo,
  TopicSettings,
} from '../port.ts'
import { EmbeddedConsumer } from './consumer.ts'
import { EmbeddedProducer } from './producer.ts'
import type { Shared } from './shared.ts'

/** One pipeline's view of the embedded topics: closing it closes what it opened, and nothing of the others. */
export function clientOf(shared: Shared, description: string): Kafka {
  const opened = new Set<Producer | Consumer>()
  const { topics, ledger } = shared
  return {
    kind: 'embedded',
    description,
    topics: (names?: readonly string[]): Promise<readonly TopicInfo[]> => topics.list(names),
    createTopic: (name: string, settings: TopicSettings) => topics.create(name, settings),
    async offsets(topic): Promise<readonly OffsetRange[]> {
      return (await topics.get(topic)).map(({ range }) => range)
    },
    async offsetsAt(topic, timestamp) {
      return Promise.all((await topics.get(topic)).map((partition) => partition.offsetAt(timestamp)))
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
