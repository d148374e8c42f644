import {
  defineProcessor,
  isTrue,
  type Json,
  makeRecord,
  type Output,
  type Processed,
  RecordError,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { keyParts, keyReader } from '../../shared/by.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { detached } from '../../shared/kept-record.ts'
import { options } from './options.ts'
import { WAITER, type Waiter, Waiting } from './waiting.ts'

export default defineProcessor({
  type: 'join',
  summary: 'Brings together records of two streams that have a key in common and are close in time.',
  options,
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check({ left, by, right_by, within, kind, left_as, right_as }) {
    const texts = (given: typeof right_by) => keyParts(given).map(({ text }) => text)
    const same =
      left_as === right_as
        ? [{ path: ['right_as'], code: 'SR_OPTION_REFUSED', message: 'is `left_as` too' } as const]
        : []
    return { faults: same, identity: { left, by: texts(by), right_by: texts(right_by ?? by), within, kind } }
  },
  open(given, context) {
    const { within, kind, left_as, right_as, max_records } = given
    const isLeft = context.expression(given.left)
    const keys = { left: keyReader(given.by, context), right: keyReader(given.right_by ?? given.by, context) }
    const waiting = new Waiting(context.state('waiting', WAITER), within)
    const tells = { left: kind === 'left' || kind === 'outer', right: kind === 'right' || kind === 'outer' }
    // The next record of the batch, and results that have not left yet.
    let next = 0
    const leaving: StreamRecord[] = []

    const waiterOf = {
      evaluate(record: StreamRecord): Waiter | Promise<Waiter> {
        const answer = isLeft.evaluate(record)
        return answer instanceof Promise ? answer.then((said) => sided(record, said)) : sided(record, answer)
      },
    }

    function sided(record: StreamRecord, answer: Json | undefined): Waiter | Promise<Waiter> {
      const side = isTrue(answer) ? 'left' : 'right'
      const made = (key: string): Waiter => ({ side, key, record: detached(record), isPaired: false })
      const key = keys[side].evaluate(record)
      return key instanceof Promise ? key.then(made) : made(key)
    }

    function take(waiter: Waiter): void {
      if (waiting.size >= max_records) throw new RecordError('SR_STATE_FULL', 'as many records wait as may wait')
      for (const other of waiting.partnersOf(waiter)) {
        waiter.isPaired = true
        leaving.push(waiter.side === 'left' ? resultOf(waiter, other) : resultOf(other, waiter))
      }
      waiting.add(waiter)
    }

    function resultOf(left: Waiter | undefined, right: Waiter | undefined): StreamRecord {
      const [a, b] = [left?.record, right?.record]
      const value = {
        ...(a === undefined ? {} : { [left_as]: a.value }),
        ...(b === undefined ? {} : { [right_as]: b.value }),
      }
      const timestamp = Math.max(a?.timestamp ?? Number.NEGATIVE_INFINITY, b?.timestamp ?? Number.NEGATIVE_INFINITY)
      const origin = { component: context.id, partition: 'results', position: null }
      return makeRecord({ value, key: a?.key ?? b?.key ?? null, timestamp, origin })
    }

    /** What has waited in vain leaves alone, where it is wanted. Says whether everything has left. */
    function emitDue(watermark: number, out: Output): boolean {
      for (;;) {
        for (let one = leaving[0]; one !== undefined; one = leaving[0]) {
          if (out.full) return false
          out.emit(one)
          leaving.shift()
        }
        if (waiting.due > watermark || waiting.due === Number.POSITIVE_INFINITY) return true
        const waiter = waiting.takeDue()
        if (waiter.isPaired || !tells[waiter.side]) continue
        leaving.push(waiter.side === 'left' ? resultOf(waiter, undefined) : resultOf(undefined, waiter))
      }
    }

    function goOn(records: readonly StreamRecord[], out: Output): Processed | Promise<Processed> {
      while (next < records.length) {
        const record = records[next] as StreamRecord
        const watermark = out.watermark(record)
        if (!emitDue(watermark, out) || out.full) return 'more'
        next += 1
        if (record.timestamp < watermark) {
          out.emit(record, 'late', new RecordError('SR_LATE', 'its partners may be gone'))
          continue
        }
        const pending = evaluateInto(waiterOf, record, out, take)
        if (pending !== undefined) return pending.then(() => goOn(records, out))
      }
      if (!emitDue(Number.NEGATIVE_INFINITY, out)) return 'more'
      next = 0
      return undefined
    }

    return {
      // What leaves alone is as old as it is, and leaves when nothing can come for it any more.
      delay: kind === 'inner' ? 0 : within + 1,
      process: (batch, out) => goOn(batch.records, out),
      wakeAt: () => ({ event: waiting.due === Number.POSITIVE_INFINITY ? undefined : waiting.due }),
      wake: (time, out) => (time.kind === 'event' && !emitDue(time.watermark, out) ? 'more' : undefined),
    }
  },
})
