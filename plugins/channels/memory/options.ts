import { option } from '../../../engine/plugin.ts'

export const options = {
  max_size: option.size({
    description: 'Bytes of records that may wait in the channel; the overshoot is one batch.',
    default: '16MiB',
    examples: ['1MiB', '64MiB'],
  }),
  max_records: option.optional(
    option.integer({
      description: 'Records that may wait in the channel; left out, only their bytes count.',
      minimum: 1,
      examples: [10_000],
    }),
  ),
  when_full: option.choice(['block', 'drop-newest'], {
    description:
      'What happens to records that come while the channel is full: `block` makes the sources wait, `drop-newest` lets those records go and counts them.',
    default: 'block',
  }),
}
