import type { Native } from '../runtime/apply.ts'
import { nodesOf, type SyntaxNode } from '../syntax.ts'

/**
 * Functions of which one call shows in the errors of another. The package notes on a function where it was called last,
 * and blames that place for whatever fails in it: in a call around that one, and where the function is used as a value.
 */
export function markedNatives(tree: SyntaxNode, natives: ReadonlyMap<string, Native>): ReadonlySet<string> {
  const uses = [...nodesOf(tree)].filter(({ type }) => type === 'variable').map(({ value }) => value as string)
  const calls = directCalls(tree)
  const isMarked = (name: string) => {
    const native = natives.get(name)
    const used = timesIn(uses, name)
    return native !== undefined && used > 1 && (used > timesIn(calls, name) || takesFunctions(native))
  }
  return new Set(uses.filter(isMarked))
}

/** The names of what is called where it stands; tail calls are made elsewhere. */
function directCalls(tree: SyntaxNode): readonly string[] {
  const all = [...nodesOf(tree)]
  const tails = new Set(all.filter(({ thunk }) => thunk === true).map(({ body }) => body))
  const calls = all.filter((node) => node.type === 'function' && !tails.has(node))
  const procedures = calls.map(({ procedure }) => procedure as SyntaxNode)
  return procedures.filter(({ type }) => type === 'variable').map(({ value }) => value as string)
}

function takesFunctions({ signature }: Native): boolean {
  return signature === undefined || signature.definition.includes('f')
}

function timesIn(names: readonly string[], name: string): number {
  return names.filter((one) => one === name).length
}
