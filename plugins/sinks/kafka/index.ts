import { resolve } from 'node:path'
import { defineSink } from '../../../engine/plugin.ts'
import { topicTemplateFaults } from '../../shared/kafka/topic-name.ts'
import { keyOf } from './addressing.ts'
import { options } from './options.ts'
import { openKafkaSink } from './sink.ts'

export default defineSink({
  type: 'kafka',
  summary: 'Writes records to topics of Kafka, or to embedded ones.',
  codec: true,
  delivery: 'at-least-once',
  options,
  overRecords: ['topic', 'key', 'partition', 'headers'],
  check({ connection, topic, key, partition }, context) {
    const partitions = { places: [`${connection}/${topic}`], by: partition === undefined ? key : undefined }
    const faults = topicTemplateFaults(topic, ['topic'])
    const { brokers, topics_dir } = context.connectionOptions?.(connection) ?? {}
    if (brokers !== 'embedded') return { faults, partitions }
    // An embedded topic is cut back to its last checkpoint, so two writers would each cut off what the other wrote.
    return {
      faults,
      partitions,
      delivery: 'exactly-once',
      writes: [`embedded topic ${topic} in ${resolve(String(topics_dir))}`],
    }
  },
  keyOf,
  open: openKafkaSink,
})
