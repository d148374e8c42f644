// @ts-check
import { option } from 'streamrun/plugin'

/** Type, default, check, error message and help of each option come from here. */
export const options = {
  field: option.text({ description: 'The field to set.', minLength: 1, examples: ['region'] }),
  text: option.text({ description: 'What it is set to.', default: '', examples: ['north'] }),
}
