import { option } from '../../../engine/plugin.ts'

export const options = {
  where: option.expression({
    description:
      'Records for which this is true go on; the others are dropped on purpose and counted. True is what JSONata calls true: `$boolean` of the result, and nothing is false.',
    examples: ['event_type = "purchase"', 'price > 100 and $exists(user_id)', '$not(level in ["debug", "trace"])'],
  }),
}
