import { defineProcessor, isTrue } from '../../../engine/plugin.ts'
import { sift } from '../../shared/sift.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'filter',
  summary: 'Keeps the records that meet a condition and drops the others.',
  options,
  changes: 'nothing',
  overRecords: ['where'],
  keeps: 'nothing',
  open: ({ where }, { expression, metrics }) => {
    const condition = expression(where)
    return {
      process: (batch, out) =>
        sift(batch, condition, { out, metrics }, (record, result) => {
          const isMet = isTrue(result)
          if (isMet) out.emit(record)
          return isMet
        }),
    }
  },
})
