import { defineProcessor, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { detached, KEPT_RECORD } from '../../shared/kept-record.ts'
import { oneByOne } from '../../shared/one-by-one.ts'
import { options } from './options.ts'
import { Waiting } from './waiting.ts'

export default defineProcessor({
  type: 'sort',
  summary: 'Holds records back until no earlier one is expected, and hands them on in the order of their time.',
  options,
  changes: 'nothing',
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check: () => ({ identity: null }),
  open({ max_records }, context) {
    const waiting = new Waiting(context.state('waiting', KEPT_RECORD))
    // The time of the last one that went on before its time: what is older than that has missed its place.
    const early = context.state<number>('early')

    function take(record: StreamRecord, watermark: number): void {
      const missed = Math.max(watermark, early.get('until') ?? Number.NEGATIVE_INFINITY)
      if (record.timestamp < missed) {
        records.leave(record, 'late', new RecordError('SR_LATE', 'what comes after it in time has gone on already'))
        return
      }
      waiting.add(detached(record))
      if (waiting.size <= max_records) return
      early.set('until', waiting.earliest ?? 0)
      records.leave(waiting.take())
      context.metrics.count('early')
    }

    /** One of the same time may still come as long as the watermark stands there. */
    function makeDue(watermark: number): boolean {
      if (waiting.earliest === undefined || waiting.earliest >= watermark) return false
      records.leave(waiting.take())
      return true
    }

    const records = oneByOne({ visit: take, makeDue })
    return {
      process: records.process,
      wakeAt: () => ({ event: waiting.earliest === undefined ? undefined : waiting.earliest + 1 }),
      wake: (time, out) => (time.kind === 'event' ? records.catchUp(time.watermark, out) : undefined),
    }
  },
})
