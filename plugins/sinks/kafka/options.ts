import { option } from '../../../engine/plugin.ts'

export const options = {
  connection: option.connection('kafka', {
    description: 'The connection to the topics. Left out: the only one of type `kafka` in the file.',
    examples: ['shop'],
  }),
  topic: option.template({
    description: 'The topic, or one for each record by a template.',
    examples: ['events', 'events-{region}'],
  }),
  key: option.optional(
    option.expression({
      description:
        'The key of the record: text as it is, anything else as JSON. Left out: a record keeps the key that it came with.',
      examples: ['user_id'],
    }),
  ),
  partition: option.optional(
    option.expression({
      description:
        'The number of the partition. Left out: by the key, as the Java client does; records without a key go to one partition a batch, in turn.',
      examples: ['user_id % 3'],
    }),
  ),
  headers: option.optional(
    option.map(option.expression({ description: 'The value, as text.', examples: ['$origin.component'] }), {
      description: 'Headers to add to those that the record came with; what yields nothing is left out.',
      examples: [{ source: '$origin.component' }],
    }),
  ),
  compression: option.choice(['none', 'gzip'], {
    description: 'How batches are compressed on their way to brokers; embedded topics are not.',
    default: 'none',
  }),
  create: option.group(
    {
      partitions: option.optional(
        option.integer({
          description:
            'Makes a topic that is not there, with so many partitions. Left out: a topic must be there; an embedded one is made with one partition.',
          minimum: 1,
          maximum: 10_000,
          examples: [3],
        }),
      ),
      replication_factor: option.optional(
        option.integer({
          description: 'Copies of a topic that is made. Left out: what the brokers are set to.',
          minimum: 1,
          maximum: 100,
          examples: [3],
        }),
      ),
    },
    { description: 'How a topic is made that is not there yet.' },
  ),
}
