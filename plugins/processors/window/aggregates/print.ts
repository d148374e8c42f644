import { type SyntaxNode, syntaxTree } from '../../../../engine/plugin.ts'

/**
 * The text of a parsed expression, or of a part of one; it parses to the same tree. Undefined where it holds a kind of
 * node that is not known here.
 */
export function textOf(tree: SyntaxNode): string | undefined {
  const text = printed(tree)
  return text !== undefined && treeText(parsed(text)) === treeText(tree) ? text : undefined
}

/** Parentheses need no thought: the parser keeps them as blocks. */
function printed(node: SyntaxNode): string | undefined {
  const print = Object.hasOwn(PRINTERS, node.type) ? PRINTERS[node.type] : undefined
  const bare = print?.(node)
  return bare === undefined ? undefined : withFilters(bare, node)
}

type Printer = (node: SyntaxNode) => string | undefined

const PRINTERS: Readonly<Record<string, Printer>> = {
  number: ({ value }) => String(value),
  string: ({ value }) => JSON.stringify(value),
  value: ({ value }) => String(value),
  name: ({ value }) => (String(value).includes('`') ? undefined : `\`${value}\``),
  variable: ({ value }) => `$${value}`,
  path: ({ steps }) => all(steps as readonly SyntaxNode[])?.join('.'),
  binary: ({ lhs, value, rhs }) => {
    const sides = all([lhs as SyntaxNode, rhs as SyntaxNode])
    return sides && `${sides[0]} ${value} ${sides[1]}`
  },
  unary: (node) => (Object.hasOwn(UNARY, String(node.value)) ? UNARY[String(node.value)]?.(node) : undefined),
  condition: ({ condition, then, else: other }) => {
    const parts = all([condition, then, ...(other === undefined ? [] : [other])] as readonly SyntaxNode[])
    return parts && `${parts[0]} ? ${parts.slice(1).join(' : ')}`
  },
  block: ({ expressions }) => {
    const parts = all(expressions as readonly SyntaxNode[])
    return parts && `(${parts.join('; ')})`
  },
  bind: ({ lhs, rhs }) => {
    const sides = all([lhs as SyntaxNode, rhs as SyntaxNode])
    return sides && `${sides[0]} := ${sides[1]}`
  },
  function: ({ procedure, arguments: given }) => {
    const parts = all([procedure as SyntaxNode, ...(given as readonly SyntaxNode[])])
    return parts && `${parts[0]}(${parts.slice(1).join(', ')})`
  },
}

const UNARY: Readonly<Record<string, Printer>> = {
  '-': ({ expression }) => {
    const text = printed(expression as SyntaxNode)
    return text && `-${text}`
  },
  '[': ({ expressions }) => {
    const parts = all(expressions as readonly SyntaxNode[])
    return parts && `[${parts.join(', ')}]`
  },
  '{': ({ lhs }) => {
    const fields = (lhs as readonly (readonly SyntaxNode[])[]).map((field) => all(field)?.join(': '))
    return fields.includes(undefined) ? undefined : `{${fields.join(', ')}}`
  },
}

function withFilters(text: string, node: SyntaxNode): string | undefined {
  const filters = [
    ...((node.predicate ?? []) as readonly SyntaxNode[]),
    ...((node.stages ?? []) as readonly SyntaxNode[]),
  ]
  if (filters.some(({ type }) => type !== 'filter')) return undefined
  const parts = all(filters.map(({ expr }) => expr as SyntaxNode))
  return parts && text + parts.map((part) => `[${part}]`).join('')
}

function all(nodes: readonly SyntaxNode[]): readonly string[] | undefined {
  const parts = nodes.map(printed)
  return parts.includes(undefined) ? undefined : (parts as readonly string[])
}

function parsed(text: string): SyntaxNode | undefined {
  try {
    return syntaxTree(text)
  } catch {
    return undefined
  }
}

/** What a tree says, without its places in the text. */
function treeText(tree: SyntaxNode | undefined): string | undefined {
  return JSON.stringify(sorted(tree))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([name, field]) => name !== 'position' && field !== undefined)
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, sorted(field)]))
}
