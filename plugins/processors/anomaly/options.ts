import { option } from '../../../engine/plugin.ts'

const OF = option.expression({
  description: 'The number that is watched; a record without it is not judged by this rule.',
  examples: ['amount', 'latency_ms'],
})

const LAST = option.integer({
  description: 'How many values before it a value is compared with.',
  default: 100,
  minimum: 4,
  maximum: 10_000,
})

const detector = option.optional

/** One of these makes a rule. */
export const DETECTORS = {
  condition: detector(
    option.expression({
      description: 'True for what is an anomaly.',
      examples: ['amount > 10000 and country != home'],
    }),
  ),
  values: detector(
    option.group(
      {
        of: option.expression({ description: 'What is looked at.', examples: ['locale'] }),
        listed: option.list(option.value({ description: 'One of them.' }), {
          description: 'The values that are anomalies.',
          examples: [['KP', 'IR']],
        }),
      },
      { description: 'One of a list of values is an anomaly.' },
    ),
  ),
  threshold: detector(
    option.group(
      {
        of: OF,
        min: option.optional(option.number({ description: 'Less is an anomaly.' })),
        max: option.optional(option.number({ description: 'More is an anomaly.' })),
      },
      { description: 'A number outside fixed bounds is an anomaly.' },
    ),
  ),
  z_score: detector(
    option.group(
      {
        of: OF,
        limit: option.number({ description: 'How many standard deviations are too many.', default: 3, minimum: 0 }),
      },
      { description: 'A number too far from the mean of all before it.' },
    ),
  ),
  ewma: detector(
    option.group(
      {
        of: OF,
        limit: option.number({ description: 'How many standard deviations are too many.', default: 3, minimum: 0 }),
        alpha: option.number({
          description: 'The weight of the newest value, between 0 and 1: more of it forgets faster.',
          default: 0.1,
          minimum: 0.000001,
          maximum: 1,
        }),
      },
      { description: 'A number too far from a mean that follows the newer values.' },
    ),
  ),
  mad: detector(
    option.group(
      {
        of: OF,
        last: LAST,
        limit: option.number({
          description: 'How many (scaled) median absolute deviations are too many.',
          default: 3.5,
          minimum: 0,
        }),
      },
      { description: 'A number too far from the median of the last ones; outliers before it do not hide it.' },
    ),
  ),
  iqr: detector(
    option.group(
      {
        of: OF,
        last: LAST,
        limit: option.number({
          description: 'How many inter-quartile ranges beyond a quartile are too many.',
          default: 1.5,
          minimum: 0,
        }),
      },
      { description: 'A number far outside the middle half of the last ones.' },
    ),
  ),
  rate_of_change: detector(
    option.group(
      {
        of: OF,
        limit: option.number({ description: 'A larger change, up or down, is an anomaly.', minimum: 0 }),
        per: option.duration({ description: 'The time that the change is given for.', default: '1s', positive: true }),
      },
      { description: 'A number that changes too fast, in event time.' },
    ),
  ),
  absence: detector(
    option.group(
      {
        for: option.duration({
          description:
            'No record of a key for longer than this, in event time, is an anomaly; each silence is told once.',
          positive: true,
          examples: ['5m'],
        }),
        expected: option.optional(
          option.list(option.value({ description: 'A key: its value, or a list of its values.' }), {
            description:
              'Keys that are missed from the start; a list each where `by` has several expressions. Left out: a key is missed once it was there.',
            examples: [
              ['DE', 'FR'],
              [
                ['DE', 'web'],
                ['DE', 'app'],
              ],
            ],
          }),
        ),
      },
      { description: 'Silence: nothing from somebody who was there.' },
    ),
  ),
}

const RULE = {
  name: option.text({ description: 'What the rule is called in marks and alerts.', pattern: '^[a-z][a-z0-9-]*$' }),
  ...DETECTORS,
  by: option.optional(
    option.expressions({
      description:
        'What is judged apart: an expression, a list of them, or a map of names to them. Left out: all records together.',
      examples: ['user_id', { country: 'shop.country' }],
    }),
  ),
  severity: option.choice(['info', 'warning', 'critical'], {
    description: 'How bad it is; told in alerts.',
    default: 'warning',
  }),
  warm_up: option.integer({
    description: 'How many values of a key are only learned from before the first is judged.',
    default: 30,
    minimum: 0,
  }),
  cool_down: option.duration({
    description: 'After an alert the same key raises none for this long, in event time; its records are still marked.',
    default: '0s',
    examples: ['10m'],
  }),
}

export const options = {
  rules: option.list(option.group(RULE, { description: 'A rule: a name and one detector.' }), {
    description: 'What is an anomaly: each rule has a name and one detector.',
    examples: [[{ name: 'odd-amount', z_score: { of: 'amount', limit: 4 }, by: 'user_id' }]],
    starter: true,
  }),
  mark: option.text({
    description:
      'The field in which a record that goes on has the names of the rules that it breaks; records that break none stay as they are.',
    default: 'anomalies',
    minLength: 1,
  }),
  max_keys: option.integer({
    description:
      'How many keys each rule remembers. Beyond it the one that came first is forgotten and learned anew (`forgotten`).',
    default: 100_000,
    minimum: 1,
  }),
}
