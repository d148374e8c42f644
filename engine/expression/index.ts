/**
 * JSONata expressions: compiled once, evaluated per record, always guarded (RELIABILITY.md 3.2, J-1 to J-7).
 * Other parts import from here and from `template.ts` and `truth.ts`; how an expression runs is nobody else's business.
 */

import type { FieldNames } from '../fields.ts'
import type { Json, StreamRecord } from '../record.ts'
import type { Environment } from './bindings.ts'
import type { Place } from './failure.ts'
import type { FunctionTable } from './functions.ts'
import { interpreted } from './interpreter.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { compiledOnRecords } from './on-records.ts'
import type { RegexEngineName } from './regex-engine.ts'
import { parseExpression } from './syntax.ts'

export { type Compiled, type CompileOptions, compile, type Reads } from './compile.ts'
export type { Place } from './failure.ts'
export type { FunctionTable, OwnFunction } from './functions.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export type { RegexEngineName } from './regex-engine.ts'
export { ExpressionSyntaxError } from './syntax.ts'

/** A compiled JSONata expression. */
export interface Expression {
  readonly text: string
  /** It yields what stands in this one field at the top, and does nothing else. */
  readonly field?: FieldNames | undefined
  /**
   * The result on one record, undefined for nothing; a promise only when it must be. Throws, or rejects with, a
   * `RecordError` that names the expression and the code, never the data.
   */
  evaluate(record: StreamRecord): Json | undefined | Promise<Json | undefined>
}

export interface ExpressionOptions {
  /** What `$env` holds: only what the definition may read. */
  readonly environment?: Environment
  readonly limits?: Partial<Limits>
  /** What can be called beside JSONata's own functions. */
  readonly functions?: FunctionTable
  /** What its regular expressions run in; left out: `javascript`. */
  readonly regexEngine?: RegexEngineName | undefined
  /** What `$now` and `$millis` say, epoch milliseconds; left out: the clock of the machine. */
  readonly clock?: (() => number) | undefined
  /** Where it stands, for its errors. */
  readonly place?: Place | undefined
}

/**
 * Input is the record's value; `$key`, `$timestamp`, `$headers`, `$origin` and `$env` are bound. Throws
 * `ExpressionSyntaxError` for text that is no JSONata, and for what could not be stopped once it ran (`$eval`, regular
 * expressions that blow up). The input is never changed; the result may share parts with it.
 */
export function compileExpression(text: string, options: ExpressionOptions = {}): Expression {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const environment = Object.freeze({ ...options.environment })
  const program = parseExpression(text, { limits, engine: options.regexEngine })
  const { functions = {}, clock, place } = options
  const setting = { environment, functions, limits, clock, place }
  return { text, ...(compiledOnRecords(program, setting) ?? { evaluate: interpreted(program, setting) }) }
}
