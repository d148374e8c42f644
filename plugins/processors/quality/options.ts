import { option } from '../../../engine/plugin.ts'

const OF = option.expression({ description: 'What is looked at in each record.', examples: ['price', 'user.id'] })

const MAX_SHARE = option.number({
  description: 'The share of records, from 0 to 1, that may be so.',
  default: 0,
  minimum: 0,
  maximum: 1,
})

/** One of these makes a check. */
export const MEASURES = {
  nulls: option.optional(
    option.group({ of: OF, max_share: MAX_SHARE }, { description: 'Records in which it is missing or null.' }),
  ),
  compliance: option.optional(
    option.group(
      {
        schema: option.optional(option.object({ description: 'The JSON Schema (draft 2020-12), written out here.' })),
        schema_file: option.optional(
          option.text({ description: 'The file of the JSON Schema, relative to the definition.', minLength: 1 }),
        ),
        max_share: MAX_SHARE,
      },
      { description: 'Records that do not meet a JSON Schema.' },
    ),
  ),
  freshness: option.optional(
    option.group(
      {
        max_age: option.duration({
          description: 'How old a record may be when it comes: the clock less its event time.',
          positive: true,
          examples: ['5m'],
        }),
        max_share: MAX_SHARE,
      },
      { description: 'Records that come too late to be of use.' },
    ),
  ),
  duplicates: option.optional(
    option.group(
      { of: OF, max_share: MAX_SHARE },
      { description: 'Records with a value that another one of the window has had already.' },
    ),
  ),
  volume: option.optional(
    option.group(
      {
        min: option.optional(option.integer({ description: 'Fewer records in a window are too few.', minimum: 0 })),
        max: option.optional(option.integer({ description: 'More records in a window are too many.', minimum: 0 })),
      },
      { description: 'How many records there are.' },
    ),
  ),
  drift: option.optional(
    option.group(
      {
        of: OF,
        limit: option.number({
          description:
            'How far the shares of the values may be from what they were: half the sum of the differences, from 0 (the same) to 1 (nothing in common).',
          default: 0.2,
          minimum: 0,
          maximum: 1,
        }),
        warm_up: option.integer({ description: 'Windows that are only learned from.', default: 3, minimum: 1 }),
      },
      { description: 'Values whose shares are no longer what they were in the windows before.' },
    ),
  ),
}

const CHECK = {
  name: option.text({ description: 'What the check is called in results and alerts.', pattern: '^[a-z][a-z0-9-]*$' }),
  ...MEASURES,
  severity: option.choice(['info', 'warning', 'critical'], { description: 'How bad it is.', default: 'warning' }),
}

export const options = {
  every: option.duration({
    description: 'The length of a window, in event time.',
    default: '1m',
    positive: true,
    examples: ['10s', '1h'],
  }),
  lateness: option.duration({
    description: 'How long after its end a window waits for late records; they pass on all the same.',
    default: '0s',
  }),
  checks: option.list(option.group(CHECK, { description: 'A check: a name and one measure.' }), {
    description: 'What good data is: each check has a name and one measure.',
    examples: [[{ name: 'has-price', nulls: { of: 'price', max_share: 0.05 } }]],
    starter: true,
  }),
  max_values: option.integer({
    description:
      'How many different values a window remembers for `duplicates` and `drift`; others are not told apart.',
    default: 100_000,
    minimum: 1,
  }),
}
