import { type Json, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { type AlertHead, recordAlert } from './alert.ts'
import type { Detector, Expected } from './detectors/detector.ts'
import { type Known, NONE } from './known.ts'

export interface JudgeParts {
  readonly head: AlertHead
  readonly detector: Detector
  readonly known: Known
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
    const { detector, known, warmUp } = this.#parts
    const { learning } = detector
    const { timestamp } = record
    const kept = known.rowOf(key)
    const isWarm = learning === undefined || (kept !== NONE && (known.values[kept] as number) >= warmUp)
    const expected = isWarm ? detector.judge(value, timestamp, kept) : undefined
    if (expected === undefined && learning === undefined) return undefined
    const row = kept === NONE ? this.#begin(key) : kept
    const verdict = expected && this.#alert(key, row, record, value, expected)
    if (learning !== undefined) {
      learning.learn(value as number, timestamp, row)
      known.values[row] = (known.values[row] as number) + 1
    }
    known.touch(key, row)
    return verdict
  }

  #alert(key: string, row: number, record: StreamRecord, observed: Json, expected: Expected): StreamRecord | 'marked' {
    const { head, coolDown, detector, known } = this.#parts
    const last = known.lastOf(row)
    if (last !== undefined && record.timestamp < last + coolDown) return 'marked'
    const values = detector.learning && { values: known.values[row] as number }
    const alerts = known.alerts[row] as number
    const alert = recordAlert(head, key, record, { observed, expected, history: { ...values, alerts, last } })
    known.alerts[row] = alerts + 1
    known.last[row] = record.timestamp
    return alert
  }

  #begin(key: string): number {
    const { known, maxKeys } = this.#parts
    const row = known.open(key)
    if (known.size > maxKeys) {
      known.forgetFirst()
      this.forgotten += 1
    }
    return row
  }
}
