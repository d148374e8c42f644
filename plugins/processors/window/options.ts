import { option } from '../../../engine/plugin.ts'

export const options = {
  every: option.optional(
    option.period({
      description:
        'The length of a window. A duration: windows begin at multiples of it since 1970-01-01T00:00Z, moved by `offset`. `1 day`, `1 week`, `1 month`, `1 quarter` or `1 year`: windows of the calendar of `zone`, each from midnight to midnight, however many hours that is; weeks begin on Monday. One of `every`, `session` and `count` is needed.',
      examples: ['10s', '1h', '1 day'],
      starter: true,
    }),
  ),
  slide: option.optional(
    option.duration({
      description:
        'A window of the length `every` begins each time this has passed, so that windows overlap and a record is in several. At most `every`. Left out: one window begins where the one before ends.',
      examples: ['5s'],
      positive: true,
    }),
  ),
  offset: option.duration({
    description: 'By how much the windows of `every` are moved.',
    default: '0s',
    examples: ['15m'],
  }),
  zone: option.text({
    description: 'The time zone of `every: 1 day` and the like, as the IANA names it.',
    default: 'UTC',
    examples: ['Europe/Berlin'],
  }),
  session: option.optional(
    option.duration({
      description:
        'A window lasts as long as no gap of this length is between two records of its key; it ends that long after the last one.',
      examples: ['30m'],
      positive: true,
    }),
  ),
  count: option.optional(
    option.integer({
      description:
        'A window is so many records of its key, in the order in which they come, whatever their times; at the end of input it may be fewer.',
      minimum: 1,
      examples: [100],
    }),
  ),
  count_slide: option.optional(
    option.integer({
      description:
        'A window of `count` records begins with every so many records, so that windows overlap. At most `count`. Left out: one window begins where the one before ends.',
      minimum: 1,
      examples: [10],
    }),
  ),
  by: option.optional(
    option.expressions({
      description:
        'What the windows are kept apart by: an expression, a list of them, or a map of names to them. The results have it under the name of the map, else under the last name of the path, else as `key`. Text, number or boolean; a record without it fails. Left out: one window for all.',
      examples: ['bucket', ['country', 'device.type'], { country: 'shop.country', hour: '$substring(at, 11, 2)' }],
      starter: true,
    }),
  ),
  where: option.optional(
    option.expression({
      description:
        'Only records for which this is true are counted in; the others are let go and counted as `dropped`.',
      examples: ['type = "purchase"'],
    }),
  ),
  aggregate: option.map(
    option.expression({ description: 'An expression over the array of the values in the window.' }),
    {
      description:
        'Fields of the result and the expressions that work them out of the array of the values in the window, ordered by time. A field whose expression yields nothing is left out. `null` counts as missing.',
      examples: [{ orders: '$count($)', revenue: '$sum(price)', customers: '$count($distinct(user_id))' }],
    },
  ),
  having: option.optional(
    option.expression({
      description: 'Only results for which this is true are emitted. It sees the result: keys, aggregates and bounds.',
      examples: ['orders >= 10'],
    }),
  ),
  top: option.optional(
    option.group(
      {
        n: option.integer({ description: 'How many results of a window leave.', minimum: 1, examples: [3] }),
        by: option.text({
          description:
            'The aggregate that counts, the largest first; equal ones are in the order of their keys. Results in which it is no number have no rank and are let go.',
          examples: ['revenue'],
        }),
        within: option.optional(
          option.text({
            description:
              'One of several keys of `by`: so many results for each of its values, with ranks of their own.',
            examples: ['country'],
          }),
        ),
      },
      {
        description:
          'Only the best results of each window leave, when it closes, each with its `rank` from 1; the others are let go and counted as `dropped`. Those that `having` holds back have no rank. For `every`, with `by`, without `emit`.',
        examples: [{ n: 3, by: 'revenue' }],
      },
    ),
  ),
  lateness: option.duration({
    description:
      'For how long after its end, in event time, a window still takes records. Its result waits as long. What comes later leaves by the port `late`. Not for `count`.',
    default: '0s',
    examples: ['30s'],
  }),
  fill: option.integer({
    description:
      'For so many windows without records after the last one with any, a key has results all the same: its counts are 0. For `every` without `slide`.',
    default: 0,
    minimum: 0,
    examples: [3],
  }),
  emit: option.group(
    {
      every: option.optional(
        option.duration({
          description:
            'Results of windows that are still open, each time event time has passed another multiple of this, where something changed. Each result then says in `final` whether it is the last.',
          examples: ['1m'],
          positive: true,
        }),
      ),
      on: option.optional(
        option.choice(['change'], {
          description: '`change`: a result of a window that is still open with each record that it takes.',
          examples: ['change'],
        }),
      ),
    },
    { description: 'Results before a window is complete.' },
  ),
  max_keys: option.integer({
    description:
      'For how many keys windows may be open at once. Reached: records of other keys fail with `SR_STATE_FULL` until windows have closed.',
    default: 1_000_000,
    minimum: 1,
    examples: [50_000],
  }),
  max_state: option.size({
    description:
      'How much memory the open windows may take, about. Reached: records that would take more fail with `SR_STATE_FULL` until windows have closed.',
    default: '512MiB',
    examples: ['64MiB'],
  }),
}
