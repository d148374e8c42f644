import { option } from '../../../engine/plugin.ts'

export const options = {
  share: option.number({
    description: 'The share of records, or of keys, that passes; the others are dropped and counted.',
    minimum: 0,
    maximum: 1,
    examples: [0.1, 0.001],
    starter: true,
  }),
  by: option.optional(
    option.expressions({
      description:
        'Records with the same key pass together or not at all: an expression, a list of them, or a map of names to them. Left out: each record for itself.',
      examples: ['user_id', 'trace_id'],
    }),
  ),
  seed: option.integer({
    description: 'Another seed picks others; the same one picks the same, in every run and on every machine.',
    default: 0,
    minimum: 0,
  }),
}
