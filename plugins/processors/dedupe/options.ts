import { option } from '../../../engine/plugin.ts'

export const options = {
  by: option.expressions({
    description:
      'What makes two records the same: an expression, a list of them, or a map of names to them. Text, number or boolean; a record without it fails.',
    examples: ['event_id', ['order_id', 'product'], { id: '$origin.position.offset' }],
    starter: true,
  }),
  within: option.duration({
    description: 'How far apart in event time two records may be and still be the same.',
    default: '1h',
    examples: ['5m', '7d'],
    positive: true,
  }),
  max_keys: option.integer({
    description:
      'How many keys are remembered. Beyond it the one that came first is forgotten early, which is counted as `forgotten`: a duplicate of it then passes.',
    default: 1_000_000,
    minimum: 1,
  }),
}
