/**
 * Results without the interpreter, for the expressions that need none: literals, and plain paths of names such as
 * `bucket`, `user.name` or `$env.REGION`. Exact, not similar: where an array stands on the way JSONata maps and
 * flattens, and such a record is the interpreter's. This keeps keys and templates synchronous.
 */

import type { Json, StreamRecord } from '../record.ts'
import { type Binding, bindingsWith, type Environment } from './bindings.ts'
import type { SyntaxNode } from './syntax.ts'

/** Said instead of a result: this record needs the interpreter. */
export const INEXACT = Symbol('needs the interpreter')

export type Direct = (record: StreamRecord) => Json | undefined | typeof INEXACT

/** Undefined when the expression needs the interpreter for every record. */
export function directly(tree: SyntaxNode, environment: Environment): Direct | undefined {
  const bindings = bindingsWith(environment)
  if (isLiteral(tree)) return constant(tree.value as Json)
  if (isBare(tree, 'variable')) return rootOf(tree, bindings)
  if (tree.type !== 'path' || !hasOnly(tree, ['type', 'steps'])) return undefined
  return pathOf(tree.steps as readonly SyntaxNode[], bindings)
}

function constant(value: Json): Direct {
  return () => value
}

function pathOf(steps: readonly SyntaxNode[], bindings: ReadonlyMap<string, Binding>): Direct | undefined {
  const first = steps[0]
  if (first === undefined) return undefined
  const root = isBare(first, 'variable') ? rootOf(first, bindings) : (record: StreamRecord) => record.value
  const names = isBare(first, 'variable') ? steps.slice(1) : steps
  if (root === undefined || !names.every((step) => isBare(step, 'name'))) return undefined
  return follow(
    root,
    names.map((step) => step.value as string),
  )
}

/** `$` is the value; other variables but ours are unbound, or functions. */
function rootOf(variable: SyntaxNode, bindings: ReadonlyMap<string, Binding>): Binding | undefined {
  return variable.value === '' ? (record) => record.value : bindings.get(variable.value as string)
}

function follow(root: Binding, names: readonly string[]): Direct {
  return (record) => {
    let at: Json = root(record)
    for (const name of names) {
      if (at === null || typeof at !== 'object') return undefined
      if (Array.isArray(at) || looksCallable(at as Marked)) return INEXACT
      if (!Object.hasOwn(at, name)) return undefined
      at = (at as { readonly [name: string]: Json })[name] as Json
    }
    return at
  }
}

interface Marked {
  readonly _jsonata_lambda?: unknown
  readonly _jsonata_function?: unknown
}

/** The package takes data with these fields for its own functions. */
function looksCallable(value: Marked): boolean {
  return value._jsonata_lambda === true || value._jsonata_function === true
}

function isLiteral(node: SyntaxNode): boolean {
  return isBare(node, 'string') || isBare(node, 'number') || isBare(node, 'value')
}

/** Without predicates, bindings, grouping and the rest, each of which is a property more. */
function isBare(node: SyntaxNode, type: string): boolean {
  return node.type === type && hasOnly(node, ['type', 'value', 'position'])
}

function hasOnly(node: SyntaxNode, properties: readonly string[]): boolean {
  return Object.keys(node).every((property) => properties.includes(property))
}
