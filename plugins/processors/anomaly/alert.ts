import { type Json, makeRecord, partOf, type StreamRecord } from '../../../engine/plugin.ts'
import type { KeyPart } from '../../shared/by.ts'
import type { Expected } from './detectors/detector.ts'
import { keyIn } from './rule.ts'

/** What the alerts of one rule have in common. */
export interface AlertHead {
  readonly rule: string
  readonly severity: 'info' | 'warning' | 'critical'
  readonly parts: readonly KeyPart[]
}

/** What a rule knows of a key before this alert. */
export interface History {
  /** Values of the key that it has seen. */
  readonly values?: number
  readonly alerts: number
  /** When the last alert was; undefined for the first. */
  readonly last: number | undefined
}

/** An alert about a record: it has its time and origin, and holds its value. */
export function recordAlert(
  head: AlertHead,
  key: string,
  record: StreamRecord,
  { observed, expected, history }: { readonly observed: Json; readonly expected: Expected; readonly history: History },
): StreamRecord {
  const { value, timestamp } = record
  const body = { observed, expected: expected as Json, history: historyOf(history), record: value }
  return partOf(record, alertValue(head, key, timestamp, body))
}

/** An alert about what did not come: its time is when it was missed; `last` is undefined for a key that never came. */
export function absenceAlert(
  head: AlertHead,
  key: string,
  {
    component,
    due,
    last,
    within,
    history,
  }: {
    readonly component: string
    readonly due: number
    readonly last: number | undefined
    readonly within: number
    readonly history: History
  },
): StreamRecord {
  const seen = last === undefined ? {} : { last_seen: isoOf(last) }
  const body = { ...seen, expected: { within_ms: within }, history: historyOf(history) }
  const value = alertValue(head, key, due, body)
  return makeRecord({ value, timestamp: due, origin: { component, partition: head.rule, position: null } })
}

function alertValue(
  { rule, severity, parts }: AlertHead,
  key: string,
  time: number,
  body: { [name: string]: Json },
): Json {
  const named = keyIn(key, parts)
  return { rule, severity, ...(named === undefined ? {} : { key: named }), at: isoOf(time), ...body }
}

function historyOf({ values, alerts, last }: History): Json {
  return {
    ...(values === undefined ? {} : { values }),
    alerts,
    ...(last === undefined ? {} : { last_alert: isoOf(last) }),
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
