import { option } from '../../../engine/plugin.ts'

export const options = {
  records: option.integer({
    description: 'How many records of a key pass within `every`; the others are dropped and counted.',
    minimum: 1,
    examples: [10],
    starter: true,
  }),
  every: option.duration({
    description: 'The time for which they are counted, from the first of them on, in event time.',
    default: '1s',
    examples: ['1m', '1h'],
    positive: true,
  }),
  by: option.optional(
    option.expressions({
      description:
        'What is counted apart: an expression, a list of them, or a map of names to them. Text, number or boolean; a record without it fails. Left out: all records together.',
      examples: ['user_id', ['country', 'device']],
    }),
  ),
  max_keys: option.integer({
    description:
      'How many keys are counted at a time. Beyond it the one that came first is forgotten early, and begins to count anew (`forgotten`).',
    default: 1_000_000,
    minimum: 1,
  }),
}
