import { type Context, type Json, makeRecord, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { type KeyPart, valuesOf } from '../../shared/by.ts'
import type { Part, Plan, PlannedField } from './aggregates/plan.ts'
import type { Values } from './aggregates/values.ts'
import { type Fields, keyText, ResultRecord, ResultShape, type Results } from './result-record.ts'
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
export function resultMaker({ plan, rows, by, saysFinal, context }: ResultParts) {
  const fields = plan.fields.map((field) => fieldMaker(field, { rows, by, context }))
  const names = plan.fields.map(({ name }) => name)
  const shape = new ResultShape({ component: context.id, by, saysFinal, names })

  function done(closing: Closing, results: Results): Result {
    return { record: new ResultRecord(shape, closing, results), error: undefined }
  }

  async function doneLater(pending: Promise<void>, closing: Closing, results: Results): Promise<Result> {
    try {
      await pending
      return done(closing, results)
    } catch (error) {
      return failed(closing, error)
    }
  }

  function failed(closing: Closing, error: unknown): Result {
    if (!(error instanceof RecordError)) throw error
    const value = { ...shape.head(closing), records: Math.max(0, rows.records[closing.row] as number) }
    const record = makeRecord({
      value,
      key: shape.key(closing),
      timestamp: closing.end - 1,
      origin: shape.origin(closing),
    })
    return { record, error }
  }

  return (closing: Closing): Result | Promise<Result> => {
    const results: (Json | undefined)[] = new Array(fields.length)
    try {
      const pending = fill(results, fields, closing, 0)
      return pending === undefined ? done(closing, results) : doneLater(pending, closing, results)
    } catch (error) {
      return failed(closing, error)
    }
  }
}

interface FieldMaker {
  make(closing: Closing): Json | undefined | Promise<Json | undefined>
}

/** Fills in the results, one behind the other, from `from` on. */
function fill(
  results: (Json | undefined)[],
  fields: readonly FieldMaker[],
  closing: Closing,
  from: number,
): Promise<void> | undefined {
  for (let index = from; index < fields.length; index++) {
    const made = (fields[index] as FieldMaker).make(closing)
    if (typeof made === 'object' && made instanceof Promise) {
      return made.then((later) => {
        results[index] = later
        return fill(results, fields, closing, index + 1)
      })
    }
    results[index] = made
  }
  return undefined
}

function fieldMaker(
  field: PlannedField,
  { rows, by, context }: Pick<ResultParts, 'rows' | 'by' | 'context'>,
): FieldMaker {
  const { name } = field
  if (field.kind === 'form') return { make: ({ row }) => resultOf(field.part, rows, row, name) }
  const expression = context.expression(field.text)
  const evaluate = ({ key, end }: Closing, value: Json) => {
    const origin = { component: context.id, partition: '', position: null }
    return expression.evaluate(makeRecord({ value, key: keyText(valuesOf(key, by)), timestamp: end - 1, origin }))
  }
  if (field.kind === 'general') {
    const values = rows.running[field.state] as Values
    return { make: (closing) => evaluate(closing, values.of(closing.row)) }
  }
  const parts = [...field.parts]
  return {
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
