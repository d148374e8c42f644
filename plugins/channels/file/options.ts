import { option } from '../../../engine/plugin.ts'

export const options = {
  max_size: option.size({
    description: 'Bytes of records that may wait in the channel, packed as on the disk; the overshoot is one batch.',
    default: '1GiB',
    examples: ['100MiB', '20GiB'],
  }),
  max_records: option.optional(
    option.integer({
      description: 'Records that may wait in the channel; left out, only their bytes count.',
      minimum: 1,
      examples: [1_000_000],
    }),
  ),
  when_full: option.choice(['block', 'drop-newest'], {
    description:
      'What happens to records that come while the channel is full: `block` makes the sources wait, `drop-newest` lets those records go and counts them.',
    default: 'block',
  }),
  sync: option.choice(['always', 'interval'], {
    description:
      '`always`: a checkpoint that covers a record is committed only after the record is on the disk. `interval`: it does not wait for that, and a power cut may lose the last `sync_interval`.',
    default: 'always',
  }),
  sync_interval: option.duration({
    description:
      'With `sync: interval`, how long a written record may be in memory only. With `always` it has no effect.',
    default: '1s',
    examples: ['100ms'],
  }),
  min_free: option.size({
    description: 'The channel also counts as full while fewer bytes than this are free on its file system.',
    default: '64MiB',
    examples: ['1GiB'],
  }),
  segment_size: option.size({
    description: 'Size of the files that the channel is made of: room on the disk is freed one file at a time.',
    default: '64MiB',
    examples: ['8MiB'],
  }),
}
