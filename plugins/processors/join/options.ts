import { option } from '../../../engine/plugin.ts'

export const options = {
  left: option.expression({
    description: 'True for the records of the left side; all others are the right side.',
    examples: ['$origin.component = "orders"', 'type = "order"'],
    starter: true,
  }),
  by: option.expressions({
    description:
      'What the two sides have in common: an expression, a list of them, or a map of names to them. Text, number or boolean; a record without it fails.',
    examples: ['order_id', ['country', 'day']],
    starter: true,
  }),
  right_by: option.optional(
    option.expressions({
      description: 'The same for the right side, where it is found elsewhere. Left out: `by`.',
      examples: ['payment.order'],
    }),
  ),
  within: option.duration({
    description: 'How far apart in event time two records may be and still belong together.',
    examples: ['5m', '1h'],
    positive: true,
    starter: true,
  }),
  kind: option.choice(['inner', 'left', 'right', 'outer'], {
    description:
      'What leaves: pairs alone (`inner`), or also what finds no partner in time on the left side, on the right, or on both (`outer`).',
    default: 'inner',
  }),
  left_as: option.text({
    description: 'The field of a result that holds the left record.',
    default: 'left',
    minLength: 1,
  }),
  right_as: option.text({
    description: 'The field of a result that holds the right record.',
    default: 'right',
    minLength: 1,
  }),
  max_records: option.integer({
    description: 'How many records wait for partners at most; one that finds no room fails.',
    default: 100_000,
    minimum: 1,
  }),
}
