import { nodesOf, type SyntaxNode } from '../syntax.ts'

/** Why an expression is left to the interpreter; undefined for nearly all. */
export function whyInterpreted(tree: SyntaxNode): string | undefined {
  for (const { type, value } of nodesOf(tree)) {
    if (type === 'variable' && value === 'eval') return '$eval makes an expression of data while it runs'
  }
  return undefined
}
