import { nodesOf, type SyntaxNode } from '../syntax.ts'
import { emit } from './emit.ts'
import { asValue, FUNCTION, type Node, node, nodes, type Place, positionOf, type Value } from './place.ts'
import { openFrame } from './scope.ts'

/** A call in the last place of a function: it is prepared there, and made by whoever called the function. */
export function emitTailCall(part: Node, place: Place): Value {
  const { code, held } = place.unit
  const prepare = emitPreparation(node(part.body), place)
  const run = held.has(part) ? `, ${emitRun(node(part.body), place)}` : ''
  return asValue(code.let(`new TailCall(${prepare}${run})`), FUNCTION)
}

function emitPreparation(body: Node, place: Place): string {
  const { code } = place.unit
  const prepare = code.name()
  const procedure = node(body.procedure)
  const name = procedure.type === 'variable' ? code.constant(procedure.value) : 'undefined'
  code.line(`const ${prepare} = () => {`)
  const found = emit(procedure, { ...place, compact: true })
  const next = code.let(`tailProcedure(${found.js}, ${name}, ${positionOf(procedure)})`)
  const args = nodes(body.arguments).map((argument) => emit(argument, place).js)
  code.line(`return [${[next, ...args].join(', ')}]`)
  code.line('}')
  return prepare
}

/** What the call is where it is taken for a function and called as one: the same call, with all that stands behind it. */
function emitRun(body: Node, place: Place): string {
  const { code } = place.unit
  const run = code.name()
  code.line(`const ${run} = () => {`)
  const scope = openFrame(code, place.scope, [body])
  code.line(`return ${emit(body, { ...place, scope, compact: true }).js}`)
  code.line('}')
  return run
}

/** The calls in a last place that a predicate or a group takes: it takes them for functions, which can be called later. */
export function heldCalls(tree: SyntaxNode): ReadonlySet<SyntaxNode> {
  const held = new Set<SyntaxNode>()
  for (const part of nodesOf(tree)) {
    if (part.type === 'lambda' && part.thunk !== true) collectHeld(node(part.body), false, held)
  }
  return held
}

function collectHeld(part: SyntaxNode, isHeld: boolean, held: Set<SyntaxNode>): void {
  const inHere = isHeld || part.predicate !== undefined || part.group !== undefined
  if (part.thunk === true && isHeld) held.add(part)
  for (const last of lastPlaces(part)) collectHeld(last, inHere, held)
}

function lastPlaces({ type, then, else: otherwise, expressions }: SyntaxNode): readonly SyntaxNode[] {
  if (type === 'condition') return nodes([then, otherwise].filter((branch) => branch !== undefined))
  return type === 'block' ? nodes(expressions).slice(-1) : []
}
