// @ts-check
import { option } from 'streamrun/plugin'

/** Type, default, check, error message and help of each option come from here. */
export const options = {
  path: option.text({ description: 'The file to write.', minLength: 1, examples: ['out/records.ndjson'] }),
}
