import type { SyntaxNode } from '../syntax.ts'

/** The paths of the input that an expression can touch, each with all that is below it. */
export type Reads = 'everything' | readonly (readonly string[])[]

export const EVERYTHING: Reads = 'everything'

export function readsOf(_tree: SyntaxNode): Reads {
  return EVERYTHING
}
