import { option } from '../../../engine/plugin.ts'

export const options = {
  format: option.choice(['json', 'pretty'], {
    description:
      '`json` writes one line a record in the codec of the sink, for programs. `pretty` writes `field=value` in colour where the terminal has some, for people.',
    default: 'json',
  }),
}
