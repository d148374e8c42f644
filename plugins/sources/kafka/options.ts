import { option } from '../../../engine/plugin.ts'

export const options = {
  connection: option.connection('kafka', {
    description: 'The connection to the topics. Left out: the only one of type `kafka` in the file.',
    examples: ['shop'],
  }),
  topics: option.texts({ description: 'One topic, or a list of them.', examples: ['events', ['orders', 'returns']] }),
  group: option.optional(
    option.text({
      description:
        'The consumer group: its members share the partitions, or one of them reads all, where state is kept behind the source. Left out: the name of the pipeline and of this source, with a dash.',
      examples: ['shop-analytics'],
    }),
  ),
  keyed_by: option.optional(
    option.expression({
      description:
        'The key that the topics are partitioned by, as an expression over their records. `graph` and `validate` show it, and a sink of this file that writes there by another key is a fault; how processes share the work does not depend on it. Left out: what the sinks of this file that write them say; else nothing is known.',
      examples: ['customer_id'],
    }),
  ),
  start: option.text({
    description:
      'Where it begins when neither a checkpoint nor the group knows a position, or with `--fresh`: `earliest`, `latest`, or a time (ISO 8601 with a zone).',
    default: 'earliest',
    examples: ['latest', '2026-03-14T00:00:00Z'],
  }),
  until: option.optional(
    option.choice(['end'], {
      description:
        'Ends when everything is read that the topics held when it began, and no pipeline of this process writes to them any more. Left out: it waits for more.',
    }),
  ),
  offset_reset: option.choice(['fail', 'earliest', 'latest'], {
    description:
      'What happens when the position to read from is not in the topic any more: `fail` stops the pipeline, the others go on from there and count a reset.',
    default: 'fail',
  }),
}
