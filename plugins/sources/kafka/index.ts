import { defineSource } from '../../../engine/plugin.ts'
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
    // Offsets of embedded topics say nothing about those of a cluster.
    const embedded = context.connectionOptions?.(connection)?.brokers === 'embedded'
    return {
      identity: { topics: [...topics].sort(), embedded },
      partitions: { places: topics.map((topic) => `${connection}/${topic}`), by: keyed_by },
      faults: fault === undefined ? [] : [{ path: ['start'], code: 'SR_BAD_VALUE', message: fault }],
    }
  },
  open: openKafkaSource,
})
