// @ts-check
import { option } from 'streamrun/plugin'

/** Type, default, check, error message and help of each option come from here. */
export const options = {
  count: option.integer({
    description: 'The last number; then the input has ended.',
    minimum: 1,
    default: 1000,
    examples: [5],
  }),
}
