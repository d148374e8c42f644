/**
 * JSONata expressions: compiled once, evaluated per record, always guarded (RELIABILITY.md 3.2, J-1 to J-7).
 * Other parts import from here and from `template.ts` and `truth.ts`; how an expression runs is nobody else's business.
 */

import type { Json, StreamRecord } from '../record.ts'
import type { Environment } from './bindings.ts'
import { type Direct, directly, INEXACT } from './direct.ts'
import type { FunctionTable } from './functions.ts'
import { interpreted } from './interpreter.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { parseExpression } from './syntax.ts'

export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { ExpressionSyntaxError } from './syntax.ts'

/** A compiled JSONata expression. */
export interface Expression {
  readonly text: string
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
}

/**
 * Input is the record's value; `$key`, `$timestamp`, `$headers`, `$origin` and `$env` are bound. Throws
 * `ExpressionSyntaxError` for text that is no JSONata, and for what could not be stopped once it ran (`$eval`, regular
 * expressions that blow up). The input is never changed, and the result shares no array or object with the interpreter.
 */
export function compileExpression(text: string, options: ExpressionOptions = {}): Expression {
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const environment = Object.freeze({ ...options.environment })
  const program = parseExpression(text, limits)
  const direct = directly(program.tree, environment)
  const interpret = interpreted(program, environment, options.functions ?? {}, limits)
  if (direct === undefined) return { text, evaluate: interpret }
  return { text, evaluate: (record) => exactOr(direct(record), interpret, record) }
}

function exactOr(
  result: ReturnType<Direct>,
  interpret: (record: StreamRecord) => Promise<Json | undefined>,
  record: StreamRecord,
): ReturnType<Expression['evaluate']> {
  return result === INEXACT ? interpret(record) : result
}
