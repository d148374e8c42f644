import type { OptionValues } from '../options.ts'
import * as option from '../options.ts'

/** What `timestamp:` of a source may say. */
export const TIMESTAMP_OPTIONS = {
  from: option.optional(
    option.expression({
      description:
        'Where the time of the event stands in the record. A record without one is a dead letter. Left out: records of a topic have the time that the topic gives them, others that of their arrival.',
      examples: ['ordered_at', 'meta.time'],
    }),
  ),
  format: option.text({
    description:
      'How `from` is written: `iso` (ISO 8601), `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a pattern such as `%d/%b/%Y:%H:%M:%S %z`.',
    default: 'iso',
    examples: ['epoch_ms', '%Y-%m-%d %H:%M:%S'],
  }),
  zone: option.text({
    description: 'The time zone of times that do not carry their own: an IANA name, `UTC`, or an offset.',
    default: 'UTC',
    examples: ['Europe/Berlin', '+05:30'],
  }),
  out_of_orderness: option.duration({
    description:
      'How much older than the newest one of its partition a record may be without being late: windows are kept open that much longer.',
    default: '0s',
    examples: ['5s'],
  }),
  idle: option.duration({
    description:
      'A partition that was read to its end, and in which nothing came for so long, holds the windows of the others open no more. When all are idle, time goes on with the clock.',
    default: '30s',
  }),
  max_future: option.duration({
    description:
      'A record that is dated further ahead of the clock is a dead letter, so that one wrong date does not close every window.',
    default: '1h',
  }),
  max_drift: option.duration({
    description: 'A source that is further ahead of the slowest one of its pipeline waits for it.',
    default: '1h',
    positive: true,
  }),
}

/** The settings of one source; undefined in its place: none were given. */
export type TimestampValues = OptionValues<typeof TIMESTAMP_OPTIONS>
