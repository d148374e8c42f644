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
      ...(where === undefined ? [] : [{ ...STEP, expression: context.expression(where) }]),
      ...by.map(({ text }, index): Step => ({ ...STEP, kind: 'key', index, expression: context.expression(text) })),
      ...plan.arguments.map((argument, index) => argumentStep(argument, index, context)),
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
      const step = this.#steps[at] as Step
      const result = step.expression.evaluate(record)
      if (typeof result === 'object' && result instanceof Promise) {
        return this.#readOn(result, at, record)
      }
      if (!this.#take(step, result, record)) return false
    }
    this.key = keyOf(this.#keyValues, this.#by)
    if (this.#picky.length > 0) this.#check()
    return true
  }

  /** Step `at` needs the interpreter; those behind it may need none. */
  async #readOn(pending: Promise<Json | undefined>, at: number, record: StreamRecord): Promise<boolean> {
    return this.#take(this.#steps[at] as Step, await pending, record) && this.#readFrom(at + 1, record)
  }

  /** False: the record does not count. */
  #take(step: Step, result: Json | undefined, record: StreamRecord): boolean {
    if (step.kind === 'condition') return isTrue(result)
    if (step.kind === 'key') this.#keyValues[step.index] = result
    else this.#values[step.index] = argumentValue(step, result, record)
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

/** What is asked of a record, one behind the other. */
interface Step {
  readonly kind: 'condition' | 'key' | 'argument'
  readonly expression: Pick<Expression, 'evaluate'>
  /** Its place among the keys, or the values. */
  readonly index: number
  /** What it yields may hold nulls. */
  readonly seesInside: boolean
  readonly keepsMissing: boolean
}

const STEP = { kind: 'condition', index: 0, seesInside: false, keepsMissing: false } as const

function argumentStep(argument: Argument, index: number, context: Pick<Context, 'expression'>): Step {
  const { isWhole, isPlain, keepsMissing = false } = argument
  const expression = argumentExpression(argument, context)
  return { ...STEP, kind: 'argument', expression, index, seesInside: !(isWhole && isPlain), keepsMissing }
}

function argumentValue(step: Step, result: Json | undefined, record: StreamRecord): Json | undefined {
  const hasNulls = typeof result === 'object' && (step.seesInside || result === null)
  const found = hasNulls ? withoutNulls(result) : result
  return found === undefined && step.keepsMissing && record.value !== null ? null : found
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
