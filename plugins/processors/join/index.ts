import {
  defineProcessor,
  isTrue,
  type Json,
  makeRecord,
  type OptionValues,
  RecordError,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { keyParts, keyReader } from '../../shared/by.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import { type Fault, fault } from '../../shared/fault.ts'
import { detached } from '../../shared/kept-record.ts'
import { oneByOne } from '../../shared/one-by-one.ts'
import { options } from './options.ts'
import { WAITER, type Waiter, Waiting } from './waiting.ts'

export default defineProcessor({
  type: 'join',
  summary: 'Brings together records of two streams that have a key in common and are close in time.',
  options,
  overRecords: ['left', 'by', 'right_by'],
  ports: () => ({ main: true, side: ['late'], deadLettered: ['late'] }),
  check: (given) => ({ faults: faultsOf(given), identity: identityOf(given) }),
  open(given, context) {
    const { within, kind, left_as, right_as, max_records } = given
    const isLeft = context.expression(given.left)
    const keys = { left: keyReader(given.by, context), right: keyReader(given.right_by ?? given.by, context) }
    const waiting = new Waiting(context.state('waiting', WAITER), within)
    const tells = { left: kind === 'left' || kind === 'outer', right: kind === 'right' || kind === 'outer' }

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
        records.leave(waiter.side === 'left' ? resultOf(waiter, other) : resultOf(other, waiter))
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

    /** What has waited in vain leaves alone, where it is wanted. */
    function makeDue(watermark: number): boolean {
      if (waiting.due > watermark || waiting.due === Number.POSITIVE_INFINITY) return false
      const waiter = waiting.takeDue()
      if (waiter.isPaired || !tells[waiter.side]) return true
      records.leave(waiter.side === 'left' ? resultOf(waiter, undefined) : resultOf(undefined, waiter))
      return true
    }

    const records = oneByOne({
      visit(record, watermark, out) {
        if (record.timestamp >= watermark) return evaluateInto(waiterOf, record, out, take)
        records.leave(record, 'late', new RecordError('SR_LATE', 'its partners may be gone'))
        return undefined
      },
      makeDue,
    })

    return {
      // What leaves alone is as old as it is, and leaves when nothing can come for it any more.
      delay: kind === 'inner' ? 0 : within + 1,
      process: records.process,
      wakeAt: () => ({ event: waiting.due === Number.POSITIVE_INFINITY ? undefined : waiting.due }),
      wake: (time, out) => (time.kind === 'event' ? records.catchUp(time.watermark, out) : undefined),
    }
  },
})

type Given = OptionValues<typeof options>

function faultsOf({ by, right_by, left_as, right_as }: Given): readonly Fault[] {
  const same = left_as === right_as ? [fault(['right_as'], 'SR_OPTION_REFUSED', 'is `left_as` too')] : []
  const [left, right] = [keyParts(by).length, keyParts(right_by ?? by).length]
  if (left === right) return same
  const message = `its keys have ${right} parts, those of \`by\` ${left}: they are never equal`
  return [...same, fault(['right_by'], 'SR_OPTION_REFUSED', message, `write ${left}, in the order of \`by\``)]
}

function identityOf({ left, by, right_by, within, kind }: Given): Json {
  const texts = (given: Given['right_by']) => keyParts(given).map(({ text }) => text)
  return { left, by: texts(by), right_by: texts(right_by ?? by), within, kind }
}
