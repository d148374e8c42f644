import { nodesOf, type SyntaxNode } from '../syntax.ts'

/** Why an expression is left to the interpreter; undefined for nearly all. */
export function whyInterpreted(tree: SyntaxNode): string | undefined {
  for (const { type, value, procedure } of nodesOf(tree)) {
    if (type === 'variable' && value === 'eval') return '$eval makes an expression of data while it runs'
    if (type === 'partial' && SHOWS_ITS_TEXT.test(String((procedure as SyntaxNode).value))) {
      return `$${(procedure as SyntaxNode).value}(?) takes what is no text for one, and which objects have a text differs`
    }
  }
  return undefined
}

const SHOWS_ITS_TEXT = /^(?:en|de)codeUrl/
