import type { SyntaxNode } from '../../../../engine/plugin.ts'
import { textOf } from './print.ts'

/** What an aggregate is of: what can be worked out of each value of the window by itself. */
export interface Argument {
  /** An expression over one value; `$` for the value itself. */
  readonly text: string
  /** The values themselves, in which a list is one value; what a path yields is taken apart. */
  readonly isWhole: boolean
  /** Only names: nulls on the way need not be taken out first. */
  readonly isPlain: boolean
  /** A value for which it yields nothing counts all the same. */
  readonly keepsMissing?: true
}

/**
 * The argument that `node` is, if what it yields on the array of the values is what it yields on each of them, one behind
 * the other: `price`, `items.price`, `$`, `$[type = "buy"].price`, `$.(price * quantity)`. Undefined if that is not sure.
 */
export function argumentOf(node: SyntaxNode): Argument | undefined {
  if (isBare(node, 'variable') && node.value === '') return { text: '$', isWhole: true, isPlain: true }
  if (node.type === 'variable') return isBeginning(node) ? wholeArgument(node) : undefined
  if (node.type !== 'path' || !hasOnly(node, ['type', 'steps', 'position'])) return undefined
  const steps = node.steps as readonly SyntaxNode[]
  const isEach = steps.every((step, index) => (index === 0 ? isBeginning(step) : isStep(step)))
  const text = isEach ? textOf(node) : undefined
  return text === undefined ? undefined : { text, isWhole: false, isPlain: steps.every(isPlainStep) }
}

/** `$[price > 5]` */
function wholeArgument(node: SyntaxNode): Argument | undefined {
  const text = textOf(node)
  return text === undefined ? undefined : { text, isWhole: true, isPlain: false }
}

/** Without predicates, bindings, grouping and the rest, each of which is a property more. */
export function isBare(node: SyntaxNode, type: string): boolean {
  return node.type === type && hasOnly(node, ['type', 'value', 'position'])
}

export function hasOnly(node: SyntaxNode, properties: readonly string[]): boolean {
  return Object.keys(node).every((property) => properties.includes(property))
}

/** `$` or a field; a block there would see the whole array. */
function isBeginning(step: SyntaxNode): boolean {
  if (step.type === 'variable') return step.value === '' && isFiltered(step)
  return step.type === 'name' && isFiltered(step)
}

function isStep(step: SyntaxNode): boolean {
  if (step.type === 'name') return isFiltered(step)
  return step.type === 'block' && hasOnly(step, ['type', 'expressions', 'position']) && isOfOneValue(step)
}

function isPlainStep(step: SyntaxNode): boolean {
  return isBare(step, 'name') || isBare(step, 'variable')
}

/** A filter by truth looks at each item alone; one by number counts them. */
function isFiltered(step: SyntaxNode): boolean {
  if (!hasOnly(step, ['type', 'value', 'position', 'predicate', 'stages'])) return false
  const filters = [...((step.predicate ?? []) as SyntaxNode[]), ...((step.stages ?? []) as SyntaxNode[])]
  return filters.every(({ expr }) => isTruth(expr as SyntaxNode) && isOfOneValue(expr as SyntaxNode))
}

const COMPARING = ['=', '!=', '<', '>', '<=', '>=', 'in', 'and', 'or']
const JUDGING = ['boolean', 'not', 'exists', 'contains']

function isTruth(node: SyntaxNode): boolean {
  if (node.type === 'binary') return COMPARING.includes(String(node.value))
  return node.type === 'function' && JUDGING.includes(String((node.procedure as SyntaxNode).value))
}

/** Depends on nothing but the value, and gives the same every time. */
function isOfOneValue(node: SyntaxNode): boolean {
  switch (node.type) {
    case 'number':
    case 'string':
    case 'value':
      return true
    case 'variable':
      return node.value === '' && isBare(node, 'variable')
    case 'path':
      return (node.steps as readonly SyntaxNode[]).every((step) => isBare(step, 'name') || isBareRoot(step))
    case 'binary':
      return [node.lhs, node.rhs].every((side) => isOfOneValue(side as SyntaxNode))
    case 'unary':
      return node.value === '-' && isOfOneValue(node.expression as SyntaxNode)
    case 'condition':
      return [node.condition, node.then, node.else].every(
        (part) => part === undefined || isOfOneValue(part as SyntaxNode),
      )
    case 'block':
      return (
        hasOnly(node, ['type', 'expressions', 'position']) && (node.expressions as SyntaxNode[]).every(isOfOneValue)
      )
    case 'function':
      return isPure(node.procedure as SyntaxNode) && (node.arguments as SyntaxNode[]).every(isOfOneValue)
    default:
      return false
  }
}

function isBareRoot(step: SyntaxNode): boolean {
  return isBare(step, 'variable') && step.value === ''
}

const CHANGING = ['', '$', 'now', 'millis', 'random', 'shuffle', 'eval']

/** A function by its name; one that an expression defines would be a variable too, but none can be defined here. */
function isPure(procedure: SyntaxNode): boolean {
  return isBare(procedure, 'variable') && !CHANGING.includes(String(procedure.value))
}
