import type { Native } from '../runtime/apply.ts'
import { nodesOf, type SyntaxNode } from '../syntax.ts'
import { resultKinds } from './native-calls.ts'
import { ARRAY, type Place } from './place.ts'

/**
 * True where an object that an expression makes can hold a sequence of one item. What a function of the language yields
 * is opened only where its call stands: not when it is an argument (`$map(lists, $keys)`), partially applied, or called in
 * the last place of another function.
 */
export function nestsSequences(tree: SyntaxNode, natives: ReadonlyMap<string, Native>): boolean {
  const all = [...nodesOf(tree)]
  if (all.some(({ type }) => type === 'partial')) return true
  const tails = new Set(all.filter(({ thunk }) => thunk === true).map(({ body }) => body))
  const opened = all.filter((part) => part.type === 'function' && !tails.has(part)).map(({ procedure }) => procedure)
  const calls = new Set(opened)
  return all.some((part) => part.type === 'variable' && !calls.has(part) && yieldsArray(part.value as string, natives))
}

function yieldsArray(name: string, natives: ReadonlyMap<string, Native>): boolean {
  return natives.has(name) && (resultKinds(name) & ARRAY) !== 0
}

/** A field that was read, as a step of a path yields it. */
export function openedField({ unit }: Place, js: string): string {
  return unit.nests ? `unwrap(${js})` : js
}
