import { defineProcessor } from '../../../engine/plugin.ts'
import { keyParts, keyReader } from '../../shared/by.ts'
import { sift } from '../../shared/sift.ts'
import { options } from './options.ts'

/** How many records of a key have passed since `from`. */
interface Passed {
  readonly from: number
  count: number
}

export default defineProcessor({
  type: 'throttle',
  summary: 'Lets so many records of a key pass in a time, and drops the others.',
  options,
  changes: 'nothing',
  overRecords: ['by'],
  check: ({ by, every }) => ({ identity: { by: keyParts(by).map(({ text }) => text), every } }),
  open({ by, records, every, max_keys }, context) {
    const key = keyReader(by, context)
    const passed = context.state<Passed>('passed')

    function passes(text: string, time: number): boolean {
      const known = passed.get(text)
      if (known !== undefined && time < known.from + every) {
        if (known.count >= records) return false
        known.count += 1
        passed.touch(text)
        return true
      }
      passed.delete(text)
      passed.set(text, { from: time, count: 1 })
      if (passed.size > max_keys) forgetFirst()
      return true
    }

    function forgetFirst(): void {
      const [first] = passed.entries()
      if (first !== undefined) passed.delete(first[0])
      context.metrics.count('forgotten')
    }

    return {
      process: (batch, out) =>
        sift(batch, key, { out, metrics: context.metrics }, (record, text) => {
          const isIn = passes(text, record.timestamp)
          if (isIn) out.emit(record)
          return isIn
        }),
      wakeAt() {
        const [first] = passed.entries()
        return { event: first === undefined ? undefined : first[1].from + every }
      },
      wake(time) {
        if (time.kind !== 'event' || time.watermark === Number.POSITIVE_INFINITY) return
        for (const [text, { from }] of passed.entries()) {
          if (from + every > time.watermark) return
          passed.delete(text)
        }
      },
    }
  },
})
