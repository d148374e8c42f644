import { defineSource } from '../../../engine/plugin.ts'
import { topicNameFaults } from '../../shared/kafka/topic-name.ts'
import { options } from './options.ts'
import { openKafkaSource } from './source.ts'
import { startFault } from './start.ts'

export default defineSource({
  type: 'kafka',
  summary: 'Reads topics of Kafka, or embedded ones, as a member of a consumer group.',
  delivery: 'replayable',
  codec: true,
  eventTime: true,
  options,
  check({ connection, topics, start, keyed_by }, context) {
    const fault = startFault(start)
    const names = topics.flatMap((topic, index) => topicNameFaults(topic, ['topics', index]))
    // Offsets of embedded topics say nothing about those of a cluster.
    const embedded = context.connectionOptions?.(connection)?.brokers === 'embedded'
    return {
      identity: { topics: [...topics].sort(), embedded },
      partitions: { places: topics.map((topic) => `${connection}/${topic}`), by: keyed_by },
      faults: [
        ...names,
        ...(fault === undefined ? [] : [{ path: ['start'], code: 'SR_BAD_VALUE' as const, message: fault }]),
      ],
    }
  },
  open: openKafkaSource,
})
