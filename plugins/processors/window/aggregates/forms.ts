import { type Json, median, type SyntaxNode } from '../../../../engine/plugin.ts'
import { type Argument, argumentOf, hasOnly, isBare } from './arguments.ts'
import { Counts } from './counts.ts'
import { Distinct } from './distinct.ts'
import { Ends } from './ends.ts'
import { Extremes } from './extremes.ts'
import { textOf } from './print.ts'
import type { Running } from './running.ts'
import { DIFFERENT, FREQUENCIES, NUMBERS, QUANTILES, Sketches, type SketchKind } from './sketches.ts'
import { Spreads } from './spreads.ts'
import { Sums } from './sums.ts'

/** A part of an aggregate that a small running state answers. */
export interface Form {
  /** What the state is of. */
  readonly argument: Argument
  /** Forms with the same kind and argument share their state. */
  readonly kind: string
  create(): Running
  result(running: Running, row: number): Json | undefined
}

/** The form that the node is as a whole. */
export function formOf(node: SyntaxNode): Form | undefined {
  return functionForm(node) ?? endForm(node)
}

function functionForm(node: SyntaxNode): Form | undefined {
  if (!isCall(node)) return undefined
  const name = String((node.procedure as SyntaxNode).value)
  const [first, ...others] = node.arguments as readonly SyntaxNode[]
  if (first === undefined || !Object.hasOwn(FORMS, name)) return undefined
  const form = FORMS[name]?.(first, others)
  const argument = form && argumentOf(form.of ?? first)
  if (argument === undefined) return undefined
  // Of values that are only counted nobody sees the nulls in them.
  const isPlain = argument.isPlain && (!argument.isWhole || form?.kind === 'count')
  return { ...(form as Recognised), argument: { ...argument, isPlain } }
}

/** A function called by its name, with nothing behind it. */
function isCall(node: SyntaxNode): boolean {
  const properties = ['type', 'value', 'position', 'name', 'procedure', 'arguments']
  return node.type === 'function' && hasOnly(node, properties) && isBare(node.procedure as SyntaxNode, 'variable')
}

type Recognised = Omit<Form, 'argument'> & { readonly of?: SyntaxNode }

/** By the name of the function. Other arguments than these are left to the general form, or to its errors. */
const FORMS: Readonly<Record<string, (first: SyntaxNode, others: readonly SyntaxNode[]) => Recognised | undefined>> = {
  count: (first, others) => (others.length > 0 ? undefined : (countDistinct(first) ?? COUNT)),
  sum: (_, others) =>
    others.length > 0 ? undefined : { ...SUMS, result: (running, row) => (running as Sums).sum(row) },
  average: (_, others) =>
    others.length > 0 ? undefined : { ...SUMS, result: (running, row) => (running as Sums).average(row) },
  min: (_, others) => (others.length > 0 ? undefined : extreme('min')),
  max: (_, others) => (others.length > 0 ? undefined : extreme('max')),
  variance: (_, others) =>
    others.length > 0 ? undefined : { ...SPREADS, result: (running, row) => (running as Spreads).variance(row) },
  stddev: (_, others) =>
    others.length > 0 ? undefined : { ...SPREADS, result: (running, row) => root((running as Spreads).variance(row)) },
  median: (_, others) => sketch(NUMBERS, 'numbers', others, 0, median),
  percentile: (_, others) => sketch(QUANTILES, 'quantiles', others, 1, (quantiles, p) => quantiles.at(p)),
  top: (_, others) =>
    sketch(FREQUENCIES, 'frequencies', others, 1, (all, n) =>
      all.size === 0 ? undefined : (all.top(n) as unknown as Json),
    ),
  approx_distinct: (_, others) => sketch(DIFFERENT, 'different', others, 0, (different) => different.count()),
}

/** Of a function with so many numbers behind its array, written as such. */
function sketch<S>(
  kind: SketchKind<S>,
  name: string,
  others: readonly SyntaxNode[],
  numbers: number,
  resultOf: (sketch: S, number: number) => Json | undefined,
): Recognised | undefined {
  if (others.length !== numbers || !others.every((node) => isBare(node, 'number'))) return undefined
  const number = Number(others[0]?.value)
  return {
    kind: name,
    create: () => new Sketches(kind),
    result: (running, row) => resultOf((running as Sketches<S>).of(row), number),
  }
}

function root(variance: number | undefined): number | undefined {
  return variance === undefined ? undefined : Math.sqrt(variance)
}

const COUNT: Recognised = {
  kind: 'count',
  create: () => new Counts(),
  result: (running, row) => (running as Counts).of(row),
}

const SPREADS = { kind: 'moments', create: () => new Spreads() }

const SUMS = { kind: 'sum', create: () => new Sums() }

function extreme(which: 'min' | 'max'): Recognised {
  return { kind: which, create: () => new Extremes(which), result: (running, row) => (running as Extremes).of(row) }
}

/** `$count($distinct(user_id))` */
function countDistinct(node: SyntaxNode): Recognised | undefined {
  const isDistinct = isCall(node) && (node.procedure as SyntaxNode).value === 'distinct'
  const given = isDistinct ? (node.arguments as readonly SyntaxNode[]) : []
  if (given.length !== 1) return undefined
  return {
    kind: 'distinct',
    of: given[0] as SyntaxNode,
    create: () => new Distinct(),
    result: (running, row) => (running as Distinct).count(row),
  }
}

/** `$[0]`, `$[-1].price`, `price[0]`, `(customer.name)[-1]` */
function endForm(node: SyntaxNode): Form | undefined {
  const found = endOfValues(node) ?? endOfField(node)
  if (found === undefined) return undefined
  return {
    argument: found.argument,
    kind: found.which,
    create: () => new Ends(found.which),
    result: (running, row) => (running as Ends).of(row),
  }
}

interface End {
  readonly which: 'first' | 'last'
  readonly argument: Argument
}

/** The first value, or the last, and a path from there. A value without the path has no result: it is not passed over. */
function endOfValues(node: SyntaxNode): End | undefined {
  const steps = node.type === 'path' ? (node.steps as readonly SyntaxNode[]) : [node]
  const [root, ...names] = steps as [SyntaxNode, ...SyntaxNode[]]
  const which = root.type === 'variable' && root.value === '' ? indexIn(root.predicate) : undefined
  if (which === undefined || !names.every((step) => isBare(step, 'name'))) return undefined
  const text = names.length === 0 ? '$' : textOf({ type: 'path', steps: names })
  return text === undefined
    ? undefined
    : { which, argument: { text, isWhole: true, isPlain: false, keepsMissing: true } }
}

/** The first, or the last, of what a path yields on all values. */
function endOfField(node: SyntaxNode): End | undefined {
  const inner = node.type === 'block' ? (node.expressions as readonly SyntaxNode[]) : []
  const [step, ...more] = node.type === 'path' ? (node.steps as readonly SyntaxNode[]) : []
  const which = node.type === 'block' ? indexIn(node.predicate) : indexIn(step?.stages)
  if (which === undefined) return undefined
  if (node.type === 'block') {
    const argument = inner.length === 1 ? argumentOf(inner[0] as SyntaxNode) : undefined
    return argument && { which, argument }
  }
  const argument =
    more.length > 0 ? undefined : argumentOf({ type: 'path', steps: [{ type: 'name', value: step?.value }] })
  return argument && { which, argument }
}

function indexIn(filters: unknown): 'first' | 'last' | undefined {
  const [filter, ...others] = (filters ?? []) as readonly SyntaxNode[]
  if (filter === undefined || others.length > 0) return undefined
  const expression = filter.expr as SyntaxNode
  if (!isBare(expression, 'number')) return undefined
  return expression.value === 0 ? 'first' : expression.value === -1 ? 'last' : undefined
}
