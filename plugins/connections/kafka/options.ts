import { option } from '../../../engine/plugin.ts'

export const options = {
  brokers: option.text({
    description:
      '`host:port` of one or more brokers, with commas between them; or `embedded`: topics in the folder `topics_dir` of this machine, without a broker.',
    default: 'embedded',
    examples: ['${KAFKA_BROKERS:-embedded}', 'kafka-1:9092,kafka-2:9092'],
  }),
  topics_dir: option.text({
    description: 'The folder of embedded topics, relative to the working directory; unused with brokers.',
    default: '.streamrun/topics',
    examples: ['/var/lib/streamrun/topics'],
  }),
}
