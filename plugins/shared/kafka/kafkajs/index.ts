import type { Admin } from 'kafkajs'
import { messageOf, retryable, StreamrunError } from '../../../../engine/plugin.ts'
import type { Kafka } from '../port.ts'
import { KafkaJsConsumer } from './consumer.ts'
import { lastingFault, orFault, topicFault } from './faults.ts'
import { loadLibrary } from './library.ts'
import { READER_GROUP } from './member.ts'
import { Metadata } from './metadata.ts'
import { KafkaJsProducer } from './producer.ts'
import type { KafkaJsSettings } from './settings.ts'
import { KafkaJsTransactional } from './transactional.ts'
import { Warnings } from './warnings.ts'
import type { World } from './world.ts'

export type { KafkaJsSettings } from './settings.ts'
export { Writers } from './writers.ts'

/** A Kafka cluster by the client kafkajs. Resolves when a broker has answered and has let us in. */
export async function openKafkaJs(settings: KafkaJsSettings): Promise<Kafka> {
  const library = await loadLibrary(settings)
  const admin = library.client().admin()
  await connect(admin, settings.brokers)
  const metadata = new Metadata(admin, settings.clock)
  return clientOf({ library, metadata, settings }, admin)
}

async function connect(admin: Admin, brokers: readonly string[]): Promise<void> {
  try {
    await admin.connect()
  } catch (error) {
    await admin.disconnect().catch(() => {})
    const message = `no broker of ${brokers.join(', ')} can be reached: ${messageOf(error)}`
    throw (
      lastingFault(error) ?? retryable(message, new StreamrunError('SR_KAFKA_UNAVAILABLE', message, { cause: error }))
    )
  }
}

function clientOf(world: World, admin: Admin): Kafka {
  const { library, metadata, settings } = world
  const opened = new Set<{ close(): Promise<void> }>()
  const warnings = new Warnings(metadata, settings.log)
  return {
    kind: 'cluster',
    description: `kafkajs to ${settings.brokers.join(', ')}`,
    topics: (names) => metadata.topics(names),
    createTopic: (name, wanted) => metadata.createTopic(name, wanted),
    deleteTopic: (name) => metadata.deleteTopic(name),
    deleteRecords: (before) => metadata.deleteRecords(before),
    offsets: (topic) => metadata.offsets(topic),
    offsetsAt: (topic, timestamp) => metadata.offsetsAt(topic, timestamp),
    groups: async () => (await metadata.groups()).filter((group) => !group.startsWith(READER_GROUP)),
    committed: (group, topic) => metadata.committed(group, topic),
    async producer(wanted) {
      await warnings.check(wanted.topics ?? [])
      const producer = new KafkaJsProducer(library, wanted, settings.writers)
      opened.add(producer)
      await orFault(producer.connect())
      return producer
    },
    async transactional(wanted) {
      const producer = new KafkaJsTransactional(library, wanted, settings)
      opened.add(producer)
      await producer.open()
      return producer
    },
    async consumer(wanted) {
      const found = await warnings.check(wanted.topics, { isLook: wanted.group === undefined })
      const missing = wanted.topics.find((topic) => !found.includes(topic))
      if (missing !== undefined) throw topicFault(`there is no topic ${missing}`)
      const consumer = new KafkaJsConsumer(world, wanted)
      opened.add(consumer)
      await orFault(consumer.begin())
      return consumer
    },
    async close() {
      for (const one of opened) await one.close()
      opened.clear()
      await admin.disconnect()
    },
  }
}
