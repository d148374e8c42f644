import { type Context, type Json, makeRecord, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { type KeyPart, valuesOf } from '../../shared/by.ts'
import type { Part, Plan, PlannedField } from './aggregates/plan.ts'
import type { Values } from './aggregates/values.ts'
import type { Rows } from './rows.ts'
import type { Closing } from './windows.ts'

/** The result of a window, or why there is none: the record then says which window it is. */
export interface Result {
  readonly record: StreamRecord
  readonly error: RecordError | undefined
}

export interface ResultParts {
  readonly plan: Plan
  readonly rows: Rows
  readonly by: readonly KeyPart[]
  /** Each result says whether it is the last of its window. */
  readonly saysFinal: boolean
  readonly context: Pick<Context, 'id' | 'expression'>
}

/** Makes the results of windows from their rows; a promise only when it must be. */
export function resultMaker(parts: ResultParts): (closing: Closing) => Result | Promise<Result> {
  const { plan, rows, context } = parts
  const fields = plan.fields.map((field) => fieldMaker(field, parts))
  const head = headMaker(parts)

  function done(closing: Closing, value: Fields): Result {
    return { record: recordOf(closing, value), error: undefined }
  }

  async function doneLater(pending: Promise<void>, closing: Closing, value: Fields): Promise<Result> {
    try {
      await pending
      return done(closing, value)
    } catch (error) {
      return failed(closing, error)
    }
  }

  function recordOf({ start, end, key }: Closing, value: Fields): StreamRecord {
    const origin = { component: context.id, partition: '', position: { window_start: start, window_end: end } }
    return makeRecord({ value, key: keyText(valuesOf(key, parts.by)), timestamp: end - 1, origin })
  }

  function failed(closing: Closing, error: unknown): Result {
    if (!(error instanceof RecordError)) throw error
    const value = { ...head(closing), records: Math.max(0, rows.records[closing.row] as number) }
    return { record: recordOf(closing, value), error }
  }

  return (closing) => {
    const value = head(closing)
    try {
      const pending = fill(value, fields, closing, 0)
      return pending === undefined ? done(closing, value) : doneLater(pending, closing, value)
    } catch (error) {
      return failed(closing, error)
    }
  }
}

type Fields = { [name: string]: Json }

/** What comes before the aggregates: the bounds, the keys and, where there are early results, whether it is the last. */
function headMaker({ by, saysFinal }: ResultParts): (closing: Closing) => Fields {
  // All keys of a window have the same bounds: their texts are made once.
  let [start, end] = [Number.NaN, Number.NaN]
  let [startText, endText] = ['', '']
  return (closing) => {
    if (start !== closing.start) startText = timeText(closing.start)
    if (end !== closing.end) endText = timeText(closing.end)
    start = closing.start
    end = closing.end
    const value: Fields = { window_start: startText, window_end: endText }
    const keys = valuesOf(closing.key, by)
    for (let index = 0; index < by.length; index++) value[(by[index] as KeyPart).name] = keys[index] as Json
    if (saysFinal) value.final = closing.isFinal
    return value
  }
}

interface FieldMaker {
  readonly name: string
  make(closing: Closing): Json | undefined | Promise<Json | undefined>
}

/** Fills in the fields, one behind the other, from `from` on. */
function fill(value: Fields, fields: readonly FieldMaker[], closing: Closing, from: number): Promise<void> | undefined {
  for (let index = from; index < fields.length; index++) {
    const field = fields[index] as FieldMaker
    const made = field.make(closing)
    if (made instanceof Promise) {
      return made.then((later) => {
        if (later !== undefined) value[field.name] = later
        return fill(value, fields, closing, index + 1)
      })
    }
    if (made !== undefined) value[field.name] = made
  }
  return undefined
}

function fieldMaker(field: PlannedField, { rows, by, context }: ResultParts): FieldMaker {
  const { name } = field
  if (field.kind === 'form') return { name, make: ({ row }) => resultOf(field.part, rows, row, name) }
  const expression = context.expression(field.text)
  const evaluate = ({ key, end }: Closing, value: Json) => {
    const origin = { component: context.id, partition: '', position: null }
    return expression.evaluate(makeRecord({ value, key: keyText(valuesOf(key, by)), timestamp: end - 1, origin }))
  }
  if (field.kind === 'general') {
    const values = rows.running[field.state] as Values
    return { name, make: (closing) => evaluate(closing, values.of(closing.row)) }
  }
  const parts = [...field.parts]
  return {
    name,
    make(closing) {
      const input: Fields = {}
      for (const [place, part] of parts) {
        const result = resultOf(part, rows, closing.row, name)
        if (result !== undefined) input[place] = result
      }
      return evaluate(closing, input)
    },
  }
}

function resultOf({ state, form }: Part, rows: Rows, row: number, name: string): Json | undefined {
  const result = form.result(rows.running[state] as Rows['running'][number], row)
  if (typeof result !== 'number' || Number.isFinite(result)) return result
  throw new RecordError('SR_EXPRESSION_FAILED', `the result of \`${name}\` is beyond what a number can hold`)
}

/** The key of the record that goes out: the one value as text, several as a JSON array. */
function keyText(keys: readonly Json[]): string | null {
  const only = keys[0]
  if (only === undefined) return null
  if (keys.length > 1) return JSON.stringify(keys)
  return typeof only === 'string' ? only : JSON.stringify(only)
}

/** ISO 8601 in UTC; times that it cannot say are cut to its range, as only broken records have them. */
function timeText(time: number): string {
  return new Date(Math.min(LAST_TIME, Math.max(-LAST_TIME, time))).toISOString()
}

const LAST_TIME = 8.64e15
