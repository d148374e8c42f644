import { nodesOf, type SyntaxNode } from '../syntax.ts'

/** Why an expression is left to the interpreter; undefined for nearly all. */
export function whyInterpreted(tree: SyntaxNode): string | undefined {
  if (marksTuples(tree)) return 'a transform can mark a list as bindings of a path, by a field tupleStream'
  for (const { type, value, arguments: args } of nodesOf(tree)) {
    if (type === 'variable' && value === 'eval') return '$eval makes an expression of data while it runs'
    if (type === 'lambda' && hasTwice(args as readonly SyntaxNode[]))
      return 'two parameters of a function have one name'
  }
  return undefined
}

/** Predicates and groups of such a list take the fields of its items for variables. */
function marksTuples(tree: SyntaxNode): boolean {
  const all = [...nodesOf(tree)]
  const isNamed = all.some(({ type, value }) => type === 'string' && value === 'tupleStream')
  return isNamed && all.some(({ type }) => type === 'transform')
}

/** Which of the two counts depends on which is given first, in a partial application. */
function hasTwice(parameters: readonly SyntaxNode[]): boolean {
  return new Set(parameters.map(({ value }) => value)).size < parameters.length
}
