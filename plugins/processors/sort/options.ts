import { option } from '../../../engine/plugin.ts'

export const options = {
  max_records: option.integer({
    description:
      'How many records wait at most. Beyond it the earliest go on before their time (`early`); what comes later and is older than they are is late.',
    default: 100_000,
    minimum: 1,
  }),
}
