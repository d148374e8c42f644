import { defineProcessor } from '../../../engine/plugin.ts'
import { keyParts, keyReader } from '../../shared/by.ts'
import { sift } from '../../shared/sift.ts'
import { Memory } from './memory.ts'
import { options } from './options.ts'

export default defineProcessor({
  type: 'dedupe',
  summary: 'Lets the first of several records with the same key pass, and drops the others.',
  options,
  changes: 'nothing',
  overRecords: ['by'],
  check: ({ by, within }) => ({ identity: { by: keyParts(by).map(({ text }) => text), within } }),
  open({ by, within, max_keys }, context) {
    const key = keyReader(by, context)
    const memory = new Memory(context.state('seen'), { within, maxKeys: max_keys })
    return {
      process: (batch, out) => {
        const done = sift(batch, key, { out, metrics: context.metrics }, (record, text) => {
          const isNew = memory.take(text, record.timestamp)
          if (isNew) out.emit(record)
          return isNew
        })
        const report = () => context.metrics.count('forgotten', memory.takeForgotten())
        return done === undefined ? report() : done.then(report)
      },
      wakeAt: () => ({ event: memory.due }),
      wake(time) {
        if (time.kind === 'event' && time.watermark !== Number.POSITIVE_INFINITY) memory.expire(time.watermark)
      },
    }
  },
})
