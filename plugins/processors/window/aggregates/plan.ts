import { type SyntaxNode, syntaxTree } from '../../../../engine/plugin.ts'
import { type Argument, isBare } from './arguments.ts'
import { type Form, formOf } from './forms.ts'
import { textOf } from './print.ts'
import type { Running } from './running.ts'
import { Values } from './values.ts'

/** How the aggregates of a window are worked out: what is asked of each record, what is kept, and what is made of it. */
export interface Plan {
  readonly arguments: readonly Argument[]
  readonly states: readonly PlannedState[]
  readonly fields: readonly PlannedField[]
}

export interface PlannedState {
  /** Its place in `arguments`. */
  readonly argument: number
  /** The first aggregate that it serves, for messages. */
  readonly field: string
  create(): Running
}

/**
 * An aggregate: one form, an expression over the results of several forms, which are the fields of its input, or an
 * expression over the array of all values.
 */
export type PlannedField =
  | { readonly kind: 'form'; readonly name: string; readonly part: Part }
  | {
      readonly kind: 'derived'
      readonly name: string
      readonly text: string
      readonly parts: ReadonlyMap<string, Part>
    }
  | { readonly kind: 'general'; readonly name: string; readonly text: string; readonly state: number }

export interface Part {
  /** Its place in `states`. */
  readonly state: number
  readonly form: Pick<Form, 'result'>
}

/** The expressions have been checked: they parse. */
export function planOf(aggregates: ReadonlyMap<string, string>): Plan {
  const planner = new Planner()
  const fields = [...aggregates].map(([name, text]) => planner.field(name, text))
  return { arguments: planner.arguments, states: planner.states, fields }
}

class Planner {
  readonly arguments: Argument[] = []
  readonly states: PlannedState[] = []
  readonly #places = new Map<string, number>()

  field(name: string, text: string): PlannedField {
    const tree = syntaxTree(text)
    const form = formOf(tree)
    if (form !== undefined) return { kind: 'form', name, part: this.#part(form, name) }
    const derived = derive(tree)
    if (derived === undefined) return { kind: 'general', name, text, state: this.#keep(name) }
    const parts = [...derived.forms].map(([place, one]) => [place, this.#part(one, name)] as const)
    return { kind: 'derived', name, text: derived.text, parts: new Map(parts) }
  }

  #part(form: Form, field: string): Part {
    return { state: this.#state(form.kind, form.argument, field, () => form.create()), form }
  }

  #keep(field: string): number {
    const whole: Argument = { text: '$', isWhole: true, isPlain: false }
    return this.#state('values', whole, field, () => new Values())
  }

  #state(kind: string, argument: Argument, field: string, create: () => Running): number {
    const place = this.#argument(argument)
    return this.#once(`state ${kind} ${place}`, this.states, () => ({ argument: place, field, create }))
  }

  #argument(argument: Argument): number {
    return this.#once(`argument ${JSON.stringify(argument)}`, this.arguments, () => argument)
  }

  #once<T>(key: string, all: T[], make: () => T): number {
    const place = this.#places.get(key) ?? all.push(make()) - 1
    this.#places.set(key, place)
    return place
  }
}

/**
 * The expression with each form in it replaced by a name. Undefined if something else in it sees the values, if it holds
 * no form, or if it holds something that is not known here.
 */
function derive(tree: SyntaxNode): { readonly text: string; readonly forms: ReadonlyMap<string, Form> } | undefined {
  const forms = new Map<string, Form>()
  const replaced = replace(tree, forms)
  const text = replaced && textOf(replaced)
  return text === undefined || forms.size === 0 ? undefined : { text, forms }
}

function replace(node: SyntaxNode, forms: Map<string, Form>): SyntaxNode | undefined {
  const form = formOf(node)
  if (form !== undefined) {
    const name = `p${forms.size}`
    forms.set(name, form)
    return { type: 'path', steps: [{ type: 'name', value: name }] }
  }
  const inner = (one: unknown) => replace(one as SyntaxNode, forms)
  switch (node.type) {
    case 'number':
    case 'string':
    case 'value':
      return node
    case 'binary':
      return withParts(node, { lhs: inner(node.lhs), rhs: inner(node.rhs) })
    case 'condition': {
      const names = ['condition', 'then', ...(node.else === undefined ? [] : ['else'])]
      return withParts(node, Object.fromEntries(names.map((name) => [name, inner(node[name])])))
    }
    case 'block':
      if ('predicate' in node) return undefined
      return withParts(node, { expressions: every((node.expressions as unknown[]).map(inner)) })
    case 'unary':
      return replaceUnary(node, inner)
    case 'function':
      if (!isOfItsArguments(node)) return undefined
      return withParts(node, { arguments: every((node.arguments as unknown[]).map(inner)) })
    default:
      return undefined
  }
}

function replaceUnary(node: SyntaxNode, inner: (one: unknown) => SyntaxNode | undefined): SyntaxNode | undefined {
  if (node.value === '-') return withParts(node, { expression: inner(node.expression) })
  if (node.value === '[') return withParts(node, { expressions: every((node.expressions as unknown[]).map(inner)) })
  if (node.value !== '{') return undefined
  const fields = (node.lhs as readonly (readonly unknown[])[]).map((field) => every(field.map(inner)))
  return withParts(node, { lhs: every(fields) })
}

function withParts(node: SyntaxNode, parts: { readonly [name: string]: unknown }): SyntaxNode | undefined {
  if ('predicate' in node || 'group' in node || 'keepArray' in node) return undefined
  return Object.values(parts).includes(undefined) ? undefined : { ...node, ...parts }
}

function every<T>(items: readonly (T | undefined)[]): readonly T[] | undefined {
  return items.includes(undefined) ? undefined : (items as readonly T[])
}

/** With so many arguments they ask for nothing of what stands around them. */
const ARGUMENTS: Readonly<Record<string, number>> = {
  ...{ abs: 1, ceil: 1, floor: 1, power: 2, round: 1, sqrt: 1, number: 1, formatNumber: 2, formatBase: 1 },
  ...{ string: 1, join: 1, lowercase: 1, uppercase: 1, trim: 1, substring: 2, pad: 2, contains: 2, fromMillis: 1 },
  ...{ boolean: 1, not: 1, exists: 1, type: 1, sum: 1, average: 1, min: 1, max: 1, count: 1, append: 2, merge: 1 },
}

function isOfItsArguments(node: SyntaxNode): boolean {
  const procedure = node.procedure as SyntaxNode
  const name = String(procedure.value)
  const least = Object.hasOwn(ARGUMENTS, name) ? (ARGUMENTS[name] as number) : Number.POSITIVE_INFINITY
  return isBare(procedure, 'variable') && (node.arguments as readonly unknown[]).length >= least
}
