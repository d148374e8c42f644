/**
 * JSONata to JavaScript. Text -> syntax tree (the package's parser) -> code -> a function that evaluates synchronously.
 * What cannot be compiled runs in the package's interpreter, which answers with a promise; `why` says why.
 */

import { tellsTextsApart } from './compile/bare.ts'
import { interpretedPlain } from './compile/fallback.ts'
import { whyInterpreted } from './compile/left-out.ts'
import { Uncompilable } from './compile/place.ts'
import { programOf } from './compile/program.ts'
import { EVERYTHING, type Reads, readsOf } from './compile/reads.ts'
import type { FunctionTable } from './functions.ts'
import type { Limits } from './limits.ts'
import { jsonataPackage } from './package.ts'
import { Guard } from './runtime/guard.ts'
import { nativesFor } from './runtime/natives.ts'
import type { SyntaxNode } from './syntax.ts'

export type { Reads } from './compile/reads.ts'
export type { FunctionTable, OwnFunction } from './functions.ts'
export type { Limits } from './limits.ts'

export interface CompileOptions {
  /** None: only what the language itself limits. */
  readonly limits?: Partial<Limits>
  /** Functions beside the language's own, callable as `$name`. */
  readonly functions?: FunctionTable
  /** What regular expressions run in; a constructor that takes a `RegExp` and has its `exec` and `lastIndex`. */
  readonly regexEngine?: RegExpConstructor
  /** Epoch milliseconds, for the limit of time. */
  readonly now?: () => number
  /** What `$now` and `$millis` say, where that is another clock. */
  readonly clock?: () => number
}

/** A compiled expression. One evaluation runs at a time. */
export interface Compiled {
  readonly text: string
  readonly mode: 'compiled' | 'interpreted'
  /** Why it is interpreted. */
  readonly why?: string
  /** The input paths that it can touch. */
  readonly reads: Reads
  /**
   * The result, undefined for nothing; a promise only when `mode` is `interpreted`. Throws, or rejects with, errors that
   * have the `code`, `position`, `token` and `value` of the package. The input is never changed.
   */
  evaluate(input: unknown, bindings?: Readonly<Record<string, unknown>>): unknown
}

/** Throws what the package's parser throws: `{ code, position, token }`. */
export function compile(text: string, options: CompileOptions = {}): Compiled {
  const tree = jsonataPackage()(text).ast() as unknown as SyntaxNode
  return compileTree(text, tree, options)
}

/** The same for a text that was parsed already. */
export function compileTree(text: string, tree: SyntaxNode, options: CompileOptions): Compiled {
  const why = whyInterpreted(tree)
  if (why !== undefined) return interpreted(text, why, options)
  try {
    return { text, mode: 'compiled', ...compiledParts(tree, options) }
  } catch (error) {
    if (!(error instanceof Uncompilable)) throw error
    return interpreted(text, error.message, options)
  }
}

function interpreted(text: string, why: string, options: CompileOptions): Compiled {
  return { text, mode: 'interpreted', why, reads: EVERYTHING, evaluate: interpretedPlain(text, options) }
}

function compiledParts(tree: SyntaxNode, options: CompileOptions): Pick<Compiled, 'reads' | 'evaluate'> {
  const { limits = {}, functions = {}, regexEngine = RegExp, now = Date.now, clock = now } = options
  const guard = new Guard(limits, now, clock)
  const bare = tellsTextsApart(tree)
  const natives = nativesFor(guard, functions, bare)
  const { run, trusted } = programOf({ tree, guard, natives, bare, regexEngine })
  const reads = readsOf(tree, (name) => (trusted.includes(name) ? natives.get(name)?.signature?.definition : undefined))
  return { reads, evaluate: run }
}
