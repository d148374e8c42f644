import { emit } from './emit.ts'
import { inputOf, type Node, type Place } from './place.ts'
import { declare, type Scope } from './scope.ts'

/**
 * A piece of an expression as a JavaScript function of the item that it is evaluated for, and of the tuple where paths
 * bind on their way; `ownFrame` when the tuple is a frame in which `:=` binds.
 */
export function emitPart(part: Node, place: Place, ownFrame = false, isList = false): string {
  const { code, hasTuples, tupleNames } = place.unit
  const [js, item, tuple] = [code.name(), code.name(), code.name()]
  code.line(`const ${js} = (${hasTuples ? `${item}, ${tuple}` : item}) => {`)
  let scope: Scope = place.scope
  if (hasTuples) {
    scope = { parent: scope, variables: new Map(), tuple: { js: tuple, names: tupleNames, line: code.reserve() } }
    if (ownFrame) declare(code, scope, [part])
  }
  const value = emit(part, { ...place, scope, input: inputOf(code, item, isList) })
  code.line(`return ${value.js}`)
  code.line('}')
  return js
}
