import {
  type Context,
  type Expression,
  isNull,
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
  readonly #by: readonly KeyPart[]
  readonly #uses: readonly Use[]
  /** Those that do not take every value. */
  readonly #picky: readonly Use[]

  constructor(parts: ReaderParts) {
    const { where, by, plan, running, context } = parts
    this.#by = by
    this.#uses = plan.states.map(({ argument, field }, index) => {
      const { isWhole, text } = plan.arguments[argument] as Argument
      return { running: running[index] as Running, argument, isWhole, text, field }
    })
    this.#picky = this.#uses.filter((use) => use.running.refuses !== undefined)
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
    rows.records[row] = Math.max(0, rows.records[row] as number) + 1
    for (let index = 0; index < this.#uses.length; index++) {
      const { running, argument, isWhole } = this.#uses[index] as Use
      const value = this.#values[argument]
      if (value === undefined) continue
      if (typeof value !== 'object' || isWhole || !Array.isArray(value)) rows.bytes += running.add(row, value, record)
      else for (const item of value as readonly Json[]) rows.bytes += running.add(row, item, record)
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
    this.key = keyOf(this.#keyValues, this.#by)
    this.#check()
    return true
  }

  /** Before anything is added: a record counts in all aggregates or in none. */
  #check(): void {
    for (let index = 0; index < this.#picky.length; index++) {
      const use = this.#picky[index] as Use
      const value = this.#values[use.argument]
      if (value === undefined) continue
      if (typeof value !== 'object' || use.isWhole || !Array.isArray(value)) check(value, use)
      else for (const item of value as readonly Json[]) check(item, use)
    }
  }
}

/** A running state and where its values come from. */
interface Use {
  readonly running: Running
  /** Its place among the values. */
  readonly argument: number
  /** A list is one value; what a path yields is its items. */
  readonly isWhole: boolean
  readonly text: string
  /** The aggregate that needs it. */
  readonly field: string
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
  // Of a value that is only counted nobody has to see more than that it is one.
  if (text === '$' && isPlain) return { evaluate: (record) => (isNull(record) ? null : true) }
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

function check(value: Json, { running, text, field }: Use): void {
  const wanted = running.refuses?.(value)
  if (wanted !== undefined) throw new RecordError('SR_RECORD_SHAPE', `${text} is not ${wanted}, as \`${field}\` needs`)
}
