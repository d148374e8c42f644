// @ts-check
import { defineProcessor, RecordError, withValue } from 'streamrun/plugin'
import { options } from './options.js'

/** Sets a field; put what you do in its place. The contract of each method: the comments of `streamrun/plugin`. */
export default defineProcessor({
  type: 'my-processor',
  summary: 'Sets a field of each record to a text.',
  options,
  open: ({ field, text }) => ({
    // Every record is emitted, failed, or dropped and counted (`context.metrics.count('dropped')`). Never throw for one.
    process(batch, out) {
      for (const record of batch.records) {
        const { value } = record
        if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
          // Values are never changed in place: others may hold them.
          out.emit(withValue(record, { ...value, [field]: text }))
        } else out.fail(record, new RecordError('SR_RECORD_SHAPE', 'the record is no object'))
      }
    },
  }),
})
