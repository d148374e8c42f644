/**
 * Expressions at work in the `jsonata` package. What it cannot stop by itself is stopped in `guards.ts`; nearly
 * all expressions are compiled and never come here. One interpreter runs one evaluation at a time: the package keeps state per compiled
 * expression, and so do the guards.
 */

import type { Json, StreamRecord } from '../record.ts'
import { recordBindings } from './bindings.ts'
import { evaluationError } from './failure.ts'
import type { FunctionTable } from './functions.ts'
import { guard } from './guards.ts'
import type { Setting } from './on-records.ts'
import { plainJson } from './plain.ts'
import { tellTime } from './runtime/natives.ts'
import { nodesOf, type Program, type SyntaxNode } from './syntax.ts'

export function interpreted(program: Program, setting: Setting): (record: StreamRecord) => Promise<Json | undefined> {
  registerFunctions(program, setting.functions)
  const evaluate = evaluator(program, setting)
  let last: Promise<unknown> = Promise.resolve()
  return (record) => {
    const mine = last
      .then(() => withSecondChance(() => evaluate(record)))
      .catch((thrown) => {
        throw evaluationError(program.text, thrown, setting.place)
      })
    last = mine.catch(() => undefined)
    return mine
  }
}

/** The clock of the guard runs on while the machine sleeps or the process is stopped: time alone fails no record once. */
function withSecondChance<T>(evaluate: () => Promise<T>): Promise<T> {
  return evaluate().catch((thrown) => {
    if (thrown?.code === 'D1012') return evaluate()
    throw thrown
  })
}

function evaluator(program: Program, { environment, limits, clock }: Setting) {
  const bind = recordBindings(program.tree, environment)
  const inputOf = mayChangeInput(program.tree) ? copiedValue : plainValue
  const reset = guard(program.runnable, limits)
  const begin = clock === undefined ? undefined : tellTime(program.runnable, clock)
  return async (record: StreamRecord): Promise<Json | undefined> => {
    reset()
    begin?.()
    const result: unknown = await program.runnable.evaluate(inputOf(record), bind?.(record))
    return result === undefined ? undefined : plainJson(result, limits.text)
  }
}

type Callable = (...args: unknown[]) => unknown

/** Only those that the expression names. */
function registerFunctions({ runnable, tree }: Program, functions: FunctionTable): void {
  for (const name of variablesIn(tree)) {
    const known = Object.hasOwn(functions, name) ? functions[name] : undefined
    if (known !== undefined) runnable.registerFunction(name, known.implementation as Callable, known.signature)
  }
}

function plainValue(record: StreamRecord): Json {
  return record.value
}

function copiedValue(record: StreamRecord): Json {
  return plainJson(record.value, Number.POSITIVE_INFINITY)
}

function variablesIn(tree: SyntaxNode): ReadonlySet<string> {
  return new Set([...nodesOf(tree)].filter(({ type }) => type === 'variable').map(({ value }) => value as string))
}

/**
 * The package writes into its input in some corners (J-6): grouping and object constructors push `undefined` into an
 * empty array of the data, `items[]` marks the data's own array, calling a field marks the object in it, and a
 * transform trusts `$clone`, which an expression may redefine. Expressions with any of these get a copy.
 */
function mayChangeInput(tree: SyntaxNode): boolean {
  return [...nodesOf(tree)].some(
    (node) =>
      'group' in node ||
      'keepArray' in node ||
      'keepSingletonArray' in node ||
      ['transform', 'partial', 'apply', 'lambda', 'bind', 'parent'].includes(node.type) ||
      (node.type === 'unary' && node.value === '{') ||
      (node.type === 'function' && !isNamed(node.procedure as SyntaxNode)),
  )
}

/** `$sum`, not `$` or `$$`, which are data. */
function isNamed(procedure: SyntaxNode): boolean {
  return procedure.type === 'variable' && procedure.value !== '' && procedure.value !== '$'
}
