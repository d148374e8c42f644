import {
  type Context,
  type Json,
  type JsonObject,
  makeRecord,
  RecordError,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { type KeyPart, valuesOf } from '../../shared/by.ts'
import type { Part, Plan, PlannedField } from './aggregates/plan.ts'
import type { Values } from './aggregates/values.ts'
import type { Rows } from './rows.ts'
import type { Closing } from './windows.ts'

/** The result of a window, or why there is none: the record then says which window it is. */
export type Result =
  | { readonly record: StreamRecord; readonly error?: undefined }
  | { readonly record: StreamRecord; readonly error: RecordError }

export interface ResultParts {
  readonly plan: Plan
  readonly rows: Rows
  readonly by: readonly KeyPart[]
  /** Each result says whether it is the last of its window. */
  readonly saysFinal: boolean
  readonly context: Pick<Context, 'id' | 'expression'>
}

/** Makes the results of windows from their rows. Undefined: `having` does not want it. A promise only when it must be. */
export function resultMaker(parts: ResultParts): (closing: Closing) => Result | Promise<Result> {
  const { plan, rows, by, saysFinal, context } = parts
  const fields = plan.fields.map((field) => fieldMaker(field, parts))

  function recordOf(closing: Closing, aggregates: JsonObject): StreamRecord {
    const { key, start, end, isFinal } = closing
    const value: { [name: string]: Json; window_end: string } = {
      window_start: timeText(start),
      window_end: timeText(end),
    }
    const keys = valuesOf(key, by)
    for (const [index, { name }] of by.entries()) value[name] = keys[index] as Json
    if (saysFinal) value.final = isFinal
    Object.assign(value, aggregates)
    const origin = { component: context.id, partition: '', position: { window_end: value.window_end } }
    return makeRecord({ value, key: by.length === 0 ? null : keyText(keys), timestamp: end - 1, origin })
  }

  function failed(closing: Closing, error: unknown): Result {
    if (!(error instanceof RecordError)) throw error
    return { record: recordOf(closing, { records: rows.records[closing.row] as number }), error }
  }

  return (closing) => {
    const aggregates: { [name: string]: Json } = {}
    try {
      const pending = fill(aggregates, fields, closing, 0, recordOf)
      if (pending === undefined) return { record: recordOf(closing, aggregates) }
      return pending.then(
        () => ({ record: recordOf(closing, aggregates) }),
        (error) => failed(closing, error),
      )
    } catch (error) {
      return failed(closing, error)
    }
  }
}

interface FieldMaker {
  readonly name: string
  make(row: number, around: () => StreamRecord): Json | undefined | Promise<Json | undefined>
}

/** Fills in the fields, one behind the other, from `from` on. */
function fill(
  aggregates: { [name: string]: Json },
  fields: readonly FieldMaker[],
  closing: Closing,
  from: number,
  recordOf: (closing: Closing, aggregates: JsonObject) => StreamRecord,
): Promise<void> | undefined {
  for (let index = from; index < fields.length; index++) {
    const { name, make } = fields[index] as FieldMaker
    const made = make(closing.row, () => recordOf(closing, {}))
    if (made instanceof Promise) {
      return made.then((value) => {
        if (value !== undefined) aggregates[name] = value
        return fill(aggregates, fields, closing, index + 1, recordOf)
      })
    }
    if (made !== undefined) aggregates[name] = made
  }
  return undefined
}

function fieldMaker(field: PlannedField, { rows, context }: ResultParts): FieldMaker {
  const { name } = field
  const resultOf = ({ state, form }: Part, row: number) => finite(form.result(rows.running[state] as never, row), name)
  if (field.kind === 'form') return { name, make: (row) => resultOf(field.part, row) }
  const expression = context.expression(field.text)
  if (field.kind === 'general') {
    const values = rows.running[field.state] as Values
    return { name, make: (row, around) => expression.evaluate(withInput(around(), values.of(row))) }
  }
  const parts = [...field.parts]
  return {
    name,
    make(row, around) {
      const input: { [place: string]: Json } = {}
      for (const [place, part] of parts) {
        const result = resultOf(part, row)
        if (result !== undefined) input[place] = result
      }
      return expression.evaluate(withInput(around(), input))
    },
  }
}

function finite(result: Json | undefined, name: string): Json | undefined {
  if (typeof result !== 'number' || Number.isFinite(result)) return result
  throw new RecordError('SR_EXPRESSION_FAILED', `the result of \`${name}\` is beyond what a number can hold`)
}

function withInput({ key, timestamp, origin }: StreamRecord, value: Json): StreamRecord {
  return makeRecord({ value, key, timestamp, origin })
}

/** The key of the record that goes out: the one value as text, several as a JSON array. */
function keyText(keys: readonly Json[]): string {
  const [only, ...others] = keys
  if (others.length > 0) return JSON.stringify(keys)
  return typeof only === 'string' ? only : JSON.stringify(only)
}

/** ISO 8601 in UTC; times that it cannot say are cut to its range, as only broken records have them. */
function timeText(time: number): string {
  return new Date(Math.min(LAST_TIME, Math.max(-LAST_TIME, time))).toISOString()
}

const LAST_TIME = 8.64e15
