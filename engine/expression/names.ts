/**
 * Names in an expression that mean nothing: JSONata takes an unknown variable for a missing value and says nothing, and
 * finds an unknown function only when it is called. Scopes are those of the language: a block and the body of a
 * function each hold what is bound in them, anywhere in them, because functions may call those that come later.
 */

import { didYouMean, nearest } from '../config/nearest.ts'
import { BINDING_NAMES } from './bindings.ts'
import { STREAMRUN_FUNCTIONS } from './functions/index.ts'
import type { Tables } from './functions/lookup-table.ts'
import { nodesOf, type SyntaxNode } from './syntax.ts'

/** What is wrong at a place of an expression. */
export interface NameFault {
  /** Offset in the expression, and how many characters it is about. */
  readonly position: number
  readonly length: number
  readonly message: string
  readonly hint: string | undefined
}

/** `tables` are those that `$lookup_table` may name. */
export function checkNames(tree: SyntaxNode, tables: Tables): readonly NameFault[] {
  const checker = new Checker(tables, new Set(reboundIn(tree)))
  checker.visit(tree, new Set([...KNOWN, ...boundIn(tree)]))
  return checker.faults
}

/** JSONata's own functions (2.2). */
export const JSONATA_FUNCTIONS =
  'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl eval toMillis fromMillis clone now millis'.split(
    ' ',
  )

const FUNCTIONS = [...JSONATA_FUNCTIONS, ...Object.keys(STREAMRUN_FUNCTIONS)]

/** `$` is the context, `$$` the input. */
const KNOWN = ['', '$', ...BINDING_NAMES, ...FUNCTIONS]

type Scope = ReadonlySet<string>

class Checker {
  readonly faults: NameFault[] = []
  readonly #tables: Tables
  /** Names that mean something else somewhere in the expression. */
  readonly #rebound: Scope
  readonly #seen = new Set<unknown>()

  constructor(tables: Tables, rebound: Scope) {
    this.#tables = tables
    this.#rebound = rebound
  }

  visit(part: unknown, scope: Scope): void {
    if (part === null || typeof part !== 'object' || this.#seen.has(part)) return
    this.#seen.add(part)
    if (!isNode(part)) this.#visitAll(Object.values(part), scope)
    else if (part.type === 'function' || part.type === 'partial') this.#call(part, scope, [])
    else if (part.type === 'apply') this.#apply(part, scope)
    else {
      if (part.type === 'variable') this.#variable(part, scope)
      this.#visitAll(partsOf(part), inner(part, scope))
    }
  }

  #visitAll(parts: readonly unknown[], scope: Scope): void {
    for (const part of parts) this.visit(part, scope)
  }

  #variable(node: SyntaxNode, scope: Scope): void {
    const name = node.value as string
    if (scope.has(name)) return
    const variables = [...scope].filter((one) => !FUNCTIONS.includes(one))
    const hint = didYouMean(`$${name}`, withSigns(variables)) ?? didYouMean(`$${name}`, withSigns(FUNCTIONS))
    this.#add(node, `$${name}`, `there is no variable $${name}`, hint ?? `bind it with $${name} := ...`)
  }

  /** `before`: what `~>` puts before the arguments. */
  #call(node: SyntaxNode, scope: Scope, before: readonly unknown[]): void {
    const procedure = node.procedure as SyntaxNode
    const args = node.arguments as readonly SyntaxNode[]
    const name = procedure.value as string
    if (procedure.type === 'variable' && !scope.has(name)) {
      const hint = didYouMean(`$${name}`, withSigns(callable(scope)))
      this.#add(procedure, `$${name}`, `there is no function $${name}`, hint)
    } else if (procedure.type === 'variable') this.#arguments(name, args, before)
    else if (isField(procedure)) this.#field(procedure)
    else this.visit(procedure, scope)
    this.#visitAll(args, scope)
    this.#visitAll(
      partsOf(node).filter((part) => part !== procedure && part !== args),
      scope,
    )
  }

  /** Data holds no functions, so this cannot be meant. */
  #field(procedure: SyntaxNode): void {
    const [step] = procedure.steps as readonly SyntaxNode[]
    const name = String(step?.value)
    const meant = FUNCTIONS.includes(name) ? name : nearest(name, FUNCTIONS)
    const hint = meant === undefined ? 'functions have a $ before their names' : `write $${meant}`
    this.#add(step as SyntaxNode, name, 'a field cannot be called', hint)
  }

  #apply(node: SyntaxNode, scope: Scope): void {
    const right = node.rhs as SyntaxNode
    this.visit(node.lhs, scope)
    if (right.type !== 'function') this.visit(right, scope)
    else {
      this.#seen.add(right)
      this.#call(right, scope, [undefined])
    }
    this.#visitAll(partsOf(node), scope)
  }

  #arguments(name: string, args: readonly SyntaxNode[], before: readonly unknown[]): void {
    if (!Object.hasOwn(STREAMRUN_FUNCTIONS, name) || this.#rebound.has(name)) return
    const values = [...before, ...args.map(literalOf)]
    const fault = STREAMRUN_FUNCTIONS[name]?.check?.(values, { tables: this.#tables })
    const node = fault === undefined ? undefined : args[fault.argument - before.length]
    if (fault === undefined || node === undefined) return
    const [first] = node.type === 'unary' ? (node.expressions as readonly SyntaxNode[]) : [node]
    this.#add(first ?? node, writtenLength(first ?? node), fault.message, fault.hint)
  }

  /** The parser notes where a token ends. */
  #add(node: SyntaxNode, written: string | number, message: string, hint: string | undefined): void {
    const length = typeof written === 'string' ? written.length : written
    this.faults.push({ position: Math.max(0, (node.position ?? 0) - length), length, message, hint })
  }
}

/** What a part sees inside of it. */
function inner(node: SyntaxNode, scope: Scope): Scope {
  if (node.type === 'block') return extended(scope, boundIn(node.expressions))
  if (node.type === 'lambda') return extended(scope, [...parametersOf(node), ...boundIn(node.body)])
  return node.type === 'path' ? extended(scope, stepNames(node)) : scope
}

function extended(scope: Scope, names: readonly string[]): Scope {
  return names.length === 0 ? scope : new Set([...scope, ...names])
}

function parametersOf({ arguments: parameters }: SyntaxNode): string[] {
  return (parameters as readonly SyntaxNode[]).map(({ value }) => value as string)
}

/** `items@$item#$index` binds both for the rest of the path. */
function stepNames({ steps }: SyntaxNode): string[] {
  return (steps as readonly SyntaxNode[]).flatMap(({ focus, index, stages }) => [
    ...[focus, index].filter((name) => typeof name === 'string'),
    ...((stages as readonly SyntaxNode[] | undefined) ?? [])
      .filter(({ type }) => type === 'index')
      .map(({ value }) => value as string),
  ])
}

/** Names that `:=` binds in this frame: not those of the blocks and functions within it. */
function boundIn(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return []
  if (Array.isArray(part)) return part.flatMap(boundIn)
  if (!isNode(part)) return Object.values(part).flatMap(boundIn)
  if (part.type === 'block' || (part.type === 'lambda' && part.thunk !== true)) return []
  const own = part.type === 'bind' ? [(part.lhs as SyntaxNode).value as string] : []
  return [...own, ...partsOf(part).flatMap(boundIn)]
}

/** Variables that the expression itself binds somewhere. */
export function reboundIn(tree: SyntaxNode): string[] {
  return [...nodesOf(tree)].flatMap((node) => {
    if (node.type === 'lambda') return parametersOf(node)
    return node.type === 'bind' ? [(node.lhs as SyntaxNode).value as string] : []
  })
}

/** What a node is made of; parameters are names and not parts. */
function partsOf(node: SyntaxNode): readonly unknown[] {
  const { type, ancestor, seekingParent, signature, ...parts } = node
  if (type === 'regex') return []
  if (type === 'lambda') return [node.body]
  return Object.values(parts).filter((part) => typeof part === 'object' && part !== null)
}

function isNode(part: object): part is SyntaxNode {
  return 'type' in part && typeof part.type === 'string'
}

function isField({ type, steps }: SyntaxNode): boolean {
  const [step, ...more] = type === 'path' ? (steps as readonly SyntaxNode[]) : []
  return step?.type === 'name' && more.length === 0
}

function withSigns(names: Iterable<string>): string[] {
  return [...names].filter((name) => name !== '' && name !== '$').map((name) => `$${name}`)
}

/** Variables of the record hold data. */
function callable(scope: Scope): string[] {
  return [...scope].filter((name) => !BINDING_NAMES.includes(name))
}

/** The value that an argument has before anything runs; undefined where there is none. */
function literalOf(node: SyntaxNode): unknown {
  if (node.type === 'string' || node.type === 'number' || node.type === 'value') return node.value
  const isList = node.type === 'unary' && node.value === '['
  return isList ? (node.expressions as readonly SyntaxNode[]).map(literalOf) : undefined
}

/** How much of the expression a literal takes, as far as the tree tells. */
function writtenLength({ type, value }: SyntaxNode): number {
  return String(value).length + (type === 'string' ? 2 : 0)
}
