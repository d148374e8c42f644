import {
  type Context,
  type Expression,
  isTrue,
  type Json,
  RecordError,
  type StreamRecord,
  withValue,
} from '../../../engine/plugin.ts'
import { type KeyPart, keyOf } from '../../shared/by.ts'
import type { Argument } from './aggregates/arguments.ts'
import { withoutNulls } from './aggregates/nulls.ts'
import type { Plan } from './aggregates/plan.ts'
import type { Running } from './aggregates/running.ts'
import type { Rows } from './rows.ts'

export interface ReaderParts {
  readonly where: string | undefined
  readonly by: readonly KeyPart[]
  readonly plan: Plan
  readonly running: readonly Running[]
  readonly context: Pick<Context, 'expression'>
}

/** Works out what the window needs of one record at a time: whether it counts, its key, and the arguments. */
export class Reader {
  /** The key of the record that was read last. */
  key = ''
  readonly #keyValues: (Json | undefined)[] = []
  readonly #values: (Json | undefined)[] = []
  readonly #steps: readonly Step[]
  readonly #parts: ReaderParts

  constructor(parts: ReaderParts) {
    const { where, by, plan, context } = parts
    this.#parts = parts
    this.#steps = [
      ...(where === undefined ? [] : [conditionStep(context.expression(where))]),
      ...by.map(({ text }, index) => keyStep(context.expression(text), this.#keyValues, index)),
      ...plan.arguments.map((argument, index) => argumentStep(argument, context, this.#values, index)),
    ]
  }

  /** False when `where` lets the record go; a promise only when it must be. Throws a `RecordError`. */
  read(record: StreamRecord): boolean | Promise<boolean> {
    return this.#readFrom(0, record)
  }

  /** Adds the record that was read last to the row. */
  addTo(rows: Rows, row: number, record: StreamRecord): void {
    const { plan, running } = this.#parts
    rows.records[row] = (rows.records[row] as number) + 1
    for (let index = 0; index < running.length; index++) {
      const { argument } = plan.states[index] as Plan['states'][number]
      const value = this.#values[argument]
      if (value === undefined) continue
      const one = running[index] as Running
      if (typeof value !== 'object' || isOne(value, plan.arguments[argument])) rows.bytes += one.add(row, value, record)
      else for (const item of value as readonly Json[]) rows.bytes += one.add(row, item, record)
    }
    rows.touch(row)
  }

  #readFrom(from: number, record: StreamRecord): boolean | Promise<boolean> {
    for (let at = from; at < this.#steps.length; at++) {
      const { expression, take } = this.#steps[at] as Step
      const result = expression.evaluate(record)
      if (result instanceof Promise) {
        return result.then((value) => take(value, record) && this.#readFrom(at + 1, record))
      }
      if (!take(result, record)) return false
    }
    this.key = keyOf(this.#keyValues, this.#parts.by)
    this.#check()
    return true
  }

  /** Before anything is added: a record counts in all aggregates or in none. */
  #check(): void {
    const { plan, running } = this.#parts
    for (let index = 0; index < running.length; index++) {
      const { argument, field } = plan.states[index] as Plan['states'][number]
      const value = this.#values[argument]
      if (value === undefined) continue
      const one = running[index] as Running
      const { text } = plan.arguments[argument] as Argument
      if (typeof value !== 'object' || isOne(value, plan.arguments[argument])) check(one.refuses(value), text, field)
      else for (const item of value as readonly Json[]) check(one.refuses(item), text, field)
    }
  }
}

interface Step {
  readonly expression: Pick<Expression, 'evaluate'>
  /** False: the record does not count. */
  take(result: Json | undefined, record: StreamRecord): boolean
}

function conditionStep(expression: Expression): Step {
  return { expression, take: isTrue }
}

function keyStep(expression: Expression, values: (Json | undefined)[], index: number): Step {
  return {
    expression,
    take(result) {
      values[index] = result
      return true
    },
  }
}

function argumentStep(
  argument: Argument,
  context: Pick<Context, 'expression'>,
  values: (Json | undefined)[],
  index: number,
): Step {
  const expression = argumentExpression(argument, context)
  const seesInside = !(argument.isWhole && argument.isPlain)
  return {
    expression,
    take(result, record) {
      const found = typeof result === 'object' && (seesInside || result === null) ? withoutNulls(result) : result
      const isMissing = found === undefined && argument.keepsMissing === true && record.value !== null
      values[index] = isMissing ? null : found
      return true
    },
  }
}

/** `null` counts as missing: an expression that could see one is given a value without. */
function argumentExpression({ text, isPlain }: Argument, context: Pick<Context, 'expression'>): Step['expression'] {
  if (text === '$') return { evaluate: (record) => record.value }
  const expression = context.expression(text)
  if (isPlain) return expression
  return {
    evaluate(record) {
      const value = withoutNulls(record.value)
      if (value === undefined) return undefined
      // A list that is one value of the window is not the list of its values.
      if (Array.isArray(value)) return expression.evaluate(withValue(record, [value]))
      return expression.evaluate(value === record.value ? record : withValue(record, value))
    },
  }
}

/** A list that a path yields is its items; one that is a value of the window is one value. */
function isOne(value: Json, argument: Argument | undefined): boolean {
  return !Array.isArray(value) || argument?.isWhole === true
}

function check(wanted: string | undefined, text: string, field: string): void {
  if (wanted !== undefined) throw new RecordError('SR_RECORD_SHAPE', `${text} is not ${wanted}, as \`${field}\` needs`)
}
