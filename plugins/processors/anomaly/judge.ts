import { type Json, type KeyedState, RecordError, type StateForm, type StreamRecord } from '../../../engine/plugin.ts'
import { type AlertHead, recordAlert } from './alert.ts'
import type { Detector, Model } from './detectors/detector.ts'

/** What a rule knows of one key. */
export interface Known {
  /** Values so far, without those of rules that learn nothing. */
  values: number
  alerts: number
  /** Of the last alert. */
  last: number | undefined
  readonly model: Model
  /** It is among what the next cut writes: whoever changes it again need not say so again. */
  isTouched: boolean
}

/** On disk: one list of numbers. */
export const KNOWN: StateForm<Known> = {
  encode(known) {
    known.isTouched = false
    const { values, alerts, last, model } = known
    return [values, alerts, last ?? null, ...model]
  },
  decode(kept) {
    const [values = 0, alerts = 0, last, ...model] = kept as (number | null)[]
    return {
      values: values ?? 0,
      alerts: alerts ?? 0,
      last: last ?? undefined,
      model: model as Model,
      isTouched: false,
    }
  },
}

export interface JudgeParts {
  readonly head: AlertHead
  readonly detector: Detector
  readonly known: KeyedState<Known>
  readonly warmUp: number
  readonly coolDown: number
  readonly maxKeys: number
}

/** A rule that looks at records. */
export class Judge {
  readonly #parts: JudgeParts
  /** Keys that had to go since this was last asked. */
  forgotten = 0

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  /** Throws a `RecordError` for a value that the rule cannot take; nothing is learned yet then. */
  check(value: Json | undefined): void {
    const { detector, head } = this.#parts
    if (value === undefined || value === null || !detector.isNumeric) return
    if (typeof value === 'number' && Number.isFinite(value)) return
    throw new RecordError('SR_RECORD_SHAPE', `the rule ${head.rule} needs a number: ${detector.of}`, {
      expression: detector.of,
    })
  }

  /** Undefined where nothing is wrong; else the alert, or `marked` where one was raised a short while ago. */
  look(key: string, value: Json | undefined, record: StreamRecord): StreamRecord | 'marked' | undefined {
    if (value === undefined || value === null) return undefined
    const { detector, warmUp } = this.#parts
    const kept = this.#parts.known.get(key)
    const known = kept ?? { values: 0, alerts: 0, last: undefined, model: [], isTouched: true }
    const isWarm = detector.learn === undefined || known.values >= warmUp
    const expected = isWarm ? detector.judge(value, record.timestamp, known.model) : undefined
    const verdict = expected && this.#alert(key, known, record, value, expected)
    if (detector.learn !== undefined) {
      detector.learn(value as number, record.timestamp, known.model)
      known.values += 1
    }
    const isChanged = detector.learn !== undefined || expected !== undefined
    if (isChanged && kept === undefined) this.#begin(key, known)
    else if (isChanged) this.#touch(key, known)
    return verdict
  }

  #alert(
    key: string,
    known: Known,
    record: StreamRecord,
    observed: Json,
    expected: NonNullable<ReturnType<Detector['judge']>>,
  ): StreamRecord | 'marked' {
    const { head, coolDown, detector } = this.#parts
    const { last } = known
    if (last !== undefined && record.timestamp < last + coolDown) return 'marked'
    const history = { ...(detector.learn === undefined ? {} : { values: known.values }), alerts: known.alerts, last }
    const alert = recordAlert(head, key, record, { observed, expected, history })
    known.alerts += 1
    known.last = record.timestamp
    return alert
  }

  #touch(key: string, value: Known): void {
    if (value.isTouched) return
    value.isTouched = true
    this.#parts.known.touch(key)
  }

  #begin(key: string, value: Known): void {
    const { known, maxKeys } = this.#parts
    known.set(key, value)
    if (known.size <= maxKeys) return
    const [first] = known.entries()
    if (first !== undefined) known.delete(first[0])
    this.forgotten += 1
  }
}
