import { describeProcessor } from '../../../test/contract/index.ts'
import validate from './index.ts'

describeProcessor('validate', {
  plugin: validate,
  options: {
    schema: {
      type: 'object',
      required: ['id'],
      properties: {
        id: { type: 'string', pattern: '^[A-Z]+-\\d+$' },
        at: { format: 'date-time' },
        next: { $ref: '#' },
      },
      additionalProperties: false,
    },
  },
  values: [{ id: 'A-1' }, { id: 7 }, { id: 'A-2', at: 'noon' }, { id: 'A-3', next: { id: 'x' } }, { id: 'B-4', b: 1 }],
})
