import { defineProcessor, type Output, type Processed, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { detached, KEPT_RECORD } from '../../shared/kept-record.ts'
import { options } from './options.ts'
import { Waiting } from './waiting.ts'

export default defineProcessor({
  type: 'sort',
  summary: 'Holds records back until no earlier one is expected, and hands them on in the order of their time.',
  options,
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check: () => ({ identity: null }),
  open({ max_records }, context) {
    const waiting = new Waiting(context.state('waiting', KEPT_RECORD))
    // The time of the last one that went on before its time: what is older than that has missed its place.
    const early = context.state<number>('early')
    // How many records of the batch under way are taken.
    let taken = 0

    /** One of the same time may still come as long as the watermark stands there. Says whether all that is due has left. */
    function emitDue(watermark: number, out: Output): boolean {
      while (waiting.earliest !== undefined && waiting.earliest < watermark) {
        if (out.full) return false
        out.emit(waiting.take())
      }
      return true
    }

    function take(record: StreamRecord, out: Output): void {
      const missed = Math.max(out.watermark(record), early.get('until') ?? Number.NEGATIVE_INFINITY)
      if (record.timestamp < missed) {
        out.emit(record, 'late', new RecordError('SR_LATE', 'what comes after it in time has gone on already'))
        return
      }
      waiting.add(detached(record))
      if (waiting.size <= max_records) return
      early.set('until', waiting.earliest ?? 0)
      out.emit(waiting.take())
      context.metrics.count('early')
    }

    return {
      process(batch, out): Processed {
        while (taken < batch.size) {
          const record = batch.records[taken] as StreamRecord
          if (!emitDue(out.watermark(record), out) || out.full) return 'more'
          take(record, out)
          taken += 1
        }
        taken = 0
        return undefined
      },
      wakeAt: () => ({ event: waiting.earliest === undefined ? undefined : waiting.earliest + 1 }),
      wake: (time, out) => (time.kind === 'event' && !emitDue(time.watermark, out) ? 'more' : undefined),
    }
  },
})
