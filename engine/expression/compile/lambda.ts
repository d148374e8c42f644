import { parseSignature } from '../runtime/natives.ts'
import { emit, globalOf } from './emit.ts'
import { emitPart } from './part.ts'
import { asValue, can, FUNCTION, type Node, node, nodes, OBJECT, type Place, positionOf, type Value } from './place.ts'
import { declare, readVariable, type Scope } from './scope.ts'
import { emitTailCall } from './tail-calls.ts'

/** `function($x) { ... }`, or a call in the last place of one. */
export function emitLambda(part: Node, place: Place): Value {
  if (part.thunk === true) return emitTailCall(part, place)
  const { code } = place.unit
  const written = emitFunction(part, place, false)
  const signature = part.signature === undefined ? 'undefined' : code.constant(part.signature)
  return asValue(
    code.let(`new Lambda(${nodes(part.arguments).length}, ${signature}, ${written}, ${place.input.js})`),
    FUNCTION,
  )
}

/** A function that is written as an argument: nobody can call it by a name. Undefined for one with a signature. */
export function emitArgumentFunction(part: Node, place: Place): Value | undefined {
  if (part.type !== 'lambda' || part.thunk === true || part.signature !== undefined) return undefined
  if (part.predicate !== undefined || part.group !== undefined) return undefined
  return asValue(emitFunction(part, place, true), FUNCTION)
}

function emitFunction(part: Node, place: Place, anonymous: boolean): string {
  const { unit } = place
  const { code, guard } = unit
  const js = code.name()
  const parameters = nodes(part.arguments).map(() => code.name())
  code.line(`const ${js} = (${parameters.join(', ')}) => {`)
  const scope: Scope = { parent: place.scope, variables: new Map() }
  nodes(part.arguments).forEach((argument, index) => {
    scope.variables.set(argument.value as string, { js: parameters[index] as string, bound: true })
  })
  declare(code, scope, [node(part.body)])
  const guarded = guard.limits.depth !== undefined || guard.limits.time !== undefined
  if (guarded) code.line('G.enter()')
  const value = emit(node(part.body), { ...place, scope, anonymous })
  if (guarded) code.line('G.leave()')
  code.line(`return ${anonymous && isMarked(value) ? settledCode(value.js) : value.js}`)
  code.line('}')
  return js
}

/** True for what may be a call in the last place, or data that is marked as one. */
function isMarked(value: Value): boolean {
  return can(value, FUNCTION | OBJECT) && value.kinds !== OBJECT
}

function settledCode(js: string): string {
  return `typeof ${js} === 'object' && ${js} !== null && ${js}._jsonata_lambda === true ? settled(${js}, null) : ${js}`
}

export function emitTransform(part: Node, place: Place): Value {
  const { unit, scope } = place
  const { code } = unit
  const clone = code.name()
  code.line(`const ${clone} = () => ${readVariable(code, scope, 'clone', () => globalOf('clone', unit))}`)
  const pattern = emitPart(node(part.pattern), place)
  const update = emitPart(node(part.update), place)
  const remove = part.delete === undefined ? 'undefined' : emitPart(node(part.delete), place)
  const fields = [
    `clone: ${clone}, pattern: ${pattern}, update: ${update}, remove: ${remove}`,
    `updatePosition: ${positionOf(node(part.update))}`,
    `removePosition: ${part.delete === undefined ? 'undefined' : positionOf(node(part.delete))}`,
    `position: ${positionOf(part)}, signature: ${code.constant(parseSignature('<(oa):o>'))}`,
  ]
  return asValue(code.let(`transform({ ${fields.join(', ')} })`), FUNCTION)
}
