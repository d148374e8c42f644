import { nodesOf, type SyntaxNode } from '../syntax.ts'

/**
 * True when an expression can find out that the objects which the package makes have no prototype: a partial application
 * looks at no types, and functions for texts and numbers then ask an object for its text, which such objects do not have.
 */
export function tellsTextsApart(tree: SyntaxNode): boolean {
  return [...nodesOf(tree)].some(({ type }) => type === 'partial')
}
