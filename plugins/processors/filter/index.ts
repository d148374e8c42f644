import { defineProcessor, isTrue } from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { inOrder } from '../../shared/in-order.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'filter',
  summary: 'Keeps the records that meet a condition and drops the others.',
  options,
  open: ({ where }, context) => {
    const condition = context.expression(where)
    return {
      process(batch, out) {
        let dropped = 0
        const report = () => {
          if (dropped > 0) context.metrics.count('dropped', dropped)
        }
        const done = inOrder(batch.records, (record) =>
          evaluateInto(condition, record, out, (result) => {
            if (isTrue(result)) out.emit(record)
            else dropped += 1
          }),
        )
        return done === undefined ? report() : done.then(report)
      },
    }
  },
})
