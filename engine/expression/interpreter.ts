/**
 * Expressions at work in the `jsonata` package. What it cannot stop by itself is stopped in `guards.ts`; nearly
 * all expressions are compiled and never come here. One interpreter runs one evaluation at a time: the package keeps state per compiled
 * expression, and so do the guards.
 */

import type { Json, StreamRecord } from '../record.ts'
import { type Environment, recordBindings } from './bindings.ts'
import { evaluationError } from './failure.ts'
import { guard } from './guards.ts'
import type { Limits } from './limits.ts'
import { plainJson } from './plain.ts'
import { nodesOf, type Program, type SyntaxNode } from './syntax.ts'

export function interpreted(
  program: Program,
  environment: Environment,
  limits: Limits,
): (record: StreamRecord) => Promise<Json | undefined> {
  const evaluate = evaluator(program, environment, limits)
  let last: Promise<unknown> = Promise.resolve()
  return (record) => {
    const mine = last.then(() => withSecondChance(program.text, () => evaluate(record)))
    last = mine.catch(() => undefined)
    return mine
  }
}

/** The clock of the guard runs on while the machine sleeps or the process is stopped: time alone fails no record once. */
async function withSecondChance<T>(text: string, evaluate: () => Promise<T>): Promise<T> {
  try {
    return await evaluate().catch((thrown) => {
      if (thrown?.code === 'D1012') return evaluate()
      throw thrown
    })
  } catch (thrown) {
    throw evaluationError(text, thrown)
  }
}

function evaluator(program: Program, environment: Environment, limits: Limits) {
  const bind = recordBindings(program.tree, environment)
  const inputOf = mayChangeInput(program.tree) ? copiedValue : plainValue
  const reset = guard(program.runnable, limits)
  return async (record: StreamRecord): Promise<Json | undefined> => {
    reset()
    const result: unknown = await program.runnable.evaluate(inputOf(record), bind?.(record))
    return result === undefined ? undefined : plainJson(result, limits.text)
  }
}

function plainValue(record: StreamRecord): Json {
  return record.value
}

function copiedValue(record: StreamRecord): Json {
  return plainJson(record.value, Number.POSITIVE_INFINITY)
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
