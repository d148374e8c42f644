import { jsonataPackage } from '../package.ts'
import type { Native } from '../runtime/apply.ts'
import { countParameters, NAMES } from '../runtime/natives.ts'
import { emit, globalOf } from './emit.ts'
import { emitArgumentFunction } from './lambda.ts'
import { guardsOf, resultKinds } from './native-calls.ts'
import { emitPath } from './paths.ts'
import {
  ANY,
  asValue,
  can,
  FUNCTION,
  inputOf,
  type Node,
  node,
  nodes,
  OBJECT,
  type Place,
  positionOf,
  RAW,
  type Value,
} from './place.ts'
import { emitRegexArgument, ignoresMarks, quickCall } from './quick-calls.ts'
import { isLexical, readVariable } from './scope.ts'
import { canSink, sinkFor } from './sink.ts'

/** `$f(...)`; `context` is what `~>` hands in before the arguments. */
export function emitCall(part: Node, place: Place, unmarked: boolean, context?: Value): Value {
  const procedure = node(part.procedure)
  const native = nativeOf(procedure, place)
  if (native !== undefined) return emitNativeCall(part, native, { place, unmarked, context })
  const { code } = place.unit
  const found = emit(procedure, place)
  refuseBareName(part, found, 'T1005', place)
  const args = argumentsOf(part, place, context)
  const token = tokenOf(procedure, place)
  const call = `call(${found.js}, [${args.map(({ js }) => js).join(', ')}], ${place.input.js}, ${token}, ${positionOf(part)})`
  return asValue(code.let(call), ANY | RAW)
}

/** A function of the language that is called by its name, which nothing else has taken. */
function nativeOf({ type, value, predicate, group }: Node, place: Place): Native | undefined {
  const { natives, trusted, shadowed } = place.unit
  if (type !== 'variable' || shadowed || predicate !== undefined || group !== undefined) return undefined
  const name = value as string
  const native = natives.get(name)
  if (native === undefined || isLexical(place.scope, name)) return undefined
  trusted.add(name)
  return native
}

/** Functions among the arguments lose their names and places. */
function argumentsOf(part: Node, place: Place, context: Value | undefined): Value[] {
  const { code } = place.unit
  const args = nodes(part.arguments).map((argument) => {
    const value = emitArgumentFunction(argument, place) ?? emit(argument, place)
    return isOpen(value) ? asValue(code.let(`argument(${value.js})`), value.kinds) : value
  })
  return context === undefined ? args : [context, ...args]
}

function isOpen(value: Value): boolean {
  return can(value, FUNCTION | OBJECT)
}

function nativeArguments(part: Node, place: Place, native: string): Value[] {
  const unmarked = ignoresMarks(native, part)
  return nodes(part.arguments).map((argument) => {
    const value =
      emitArgumentFunction(argument, place) ??
      emitRegexArgument(argument, native, place) ??
      emit(argument, place, unmarked && isList(argument))
    checkMarks(value, place)
    return value
  })
}

/** Only of lists themselves are marks without meaning: those in the fields of an object are still to be seen. */
function isList({ type }: Node): boolean {
  return type === 'path' || type === 'function'
}

function tokenOf(procedure: Node, { unit: { code } }: Place): string {
  const name = procedure.type === 'path' ? nodes(procedure.steps)[0]?.value : procedure.value
  return name === undefined ? 'undefined' : code.constant(name)
}

/** A name without its `$` that a function has: the error says so. */
function refuseBareName(part: Node, found: Value, errorCode: string, place: Place): void {
  const { unit, scope } = place
  const { code } = unit
  const procedure = node(part.procedure)
  if (procedure.type !== 'path') return
  const name = nodes(procedure.steps)[0]?.value
  if (typeof name !== 'string') return
  const known = readVariable(code, scope, name, () => globalOf(name, unit))
  const details = `{ position: ${positionOf(part)}, token: ${code.constant(name)} }`
  code.line(`if (${found.js} === undefined && ${known}) fail('${errorCode}', ${details})`)
}

interface CallSite {
  readonly place: Place
  readonly unmarked: boolean
  readonly context: Value | undefined
}

/** Arguments of the expected types go straight in, all others the package's way. */
function emitNativeCall(part: Node, native: Native, { place, unmarked, context }: CallSite): Value {
  const { code } = place.unit
  const name = node(part.procedure).value as string
  const [argument, more] = nodes(part.arguments)
  const isSunk = context === undefined && more === undefined && !place.compact && canSink(argument, place.input.isList)
  const sink = isSunk ? sinkFor(name, place) : undefined
  const given =
    sink === undefined ? nativeArguments(part, place, name) : [emitPath(argument as Node, place, true, sink)]
  if (sink !== undefined) checkMarks(given[0] as Value, place)
  const args = context === undefined ? given : [context, ...given]
  const list = args.map((value) => (value !== context && isOpen(value) ? `argument(${value.js})` : value.js)).join(', ')
  const noted = place.unit.marked.has(name) ? code.constant(native) : undefined
  const where = `${code.constant(name)}, ${positionOf(part)}`
  const general = `call(${code.constant(native)}, [${list}], ${place.input.js}, ${where})`
  const kinds = resultKinds(name)
  const direct = quickCall(name, part, args, { place, unmarked }) ?? guardsOf(name, native, args, place)
  if (direct === undefined || place.compact) return asValue(code.let(general), kinds)
  if (noted !== undefined) code.line(`${noted}.token = ${code.constant(name)}; ${noted}.position = ${positionOf(part)}`)
  const result = code.let('undefined')
  if (sink !== undefined) code.line(`if (${sink.fused}) ${result} = ${sink.result}; else {`)
  const quick = `${result} = ${direct.js}`
  const slow = `${direct.nothing === undefined ? '' : `if (!(${direct.nothing})) `}${result} = ${general}`
  const body = direct.test === '' ? quick : `if (${direct.test}) ${quick}; else ${slow}`
  if (direct.safe) code.line(body)
  else if (noted === undefined) code.line(`try { ${body} } catch (thrown) { throw calledDirectly(thrown, ${where}) }`)
  else code.line(`try { ${body} } catch (thrown) { throw calledLast(thrown, ${noted}, ${where}) }`)
  if (sink !== undefined) code.line('}')
  if (handsOnData(name)) {
    code.line(
      `try { ${result} = settled(${result}, ${place.input.js}) } catch (thrown) { throw called(thrown, ${where}) }`,
    )
  }
  return asValue(result, kinds)
}

/** Of the language's own functions these yield what they were given, even a call to be made; nobody knows what others do. */
function handsOnData(name: string): boolean {
  return ['lookup', 'single', 'reduce'].includes(name) || !NAMES.includes(name)
}

/** Data that is marked as a function must be able to say how many arguments it takes, before the next one is evaluated. */
function checkMarks(value: Value, { unit: { code } }: Place): void {
  if (!isOpen(value) || value.kinds === FUNCTION) return
  const { js } = value
  const isMarked = `${js}._jsonata_function === true || ${js}._jsonata_lambda === true`
  code.line(`if (typeof ${js} === 'object' && ${js} !== null && (${isMarked})) arityOf(${js})`)
}

/** `value ~> function`. */
export function emitApply(part: Node, place: Place): Value {
  const { code } = place.unit
  const left = emit(node(part.lhs), place)
  const right = node(part.rhs)
  // The call is evaluated as a call alone: predicates and the like of it are not looked at, but what `[]` keeps is kept.
  if (right.type === 'function') return emitCall({ ...right, keepArray: part.keepArray === true }, place, false, left)
  const found = emit(right, place)
  const result = code.let('undefined')
  const [l, r] = [left.js, found.js]
  code.line(`if (!isFunction(${r})) fail('T2006', { position: ${positionOf(part)}, value: ${r} })`)
  code.line(`if (isFunction(${l})) {`)
  const chain = emit(chaining(), { ...place, input: inputOf(code, 'null'), compact: true })
  code.line(`${result} = apply(${chain.js}, [${l}, ${r}], null)`)
  code.line(`} else ${result} = apply(${r}, [${l}], null)`)
  return asValue(result, ANY | RAW)
}

/** What `$f ~> $g` is: the package's own definition, so that its errors have the same places. */
function chaining(): Node {
  return jsonataPackage()('function($f, $g) { function($x){ $g($f($x)) } }').ast() as unknown as Node
}

/** `$f(?, 1)` */
export function emitPartial(part: Node, place: Place): Value {
  const { code } = place.unit
  const procedure = node(part.procedure)
  const args = nodes(part.arguments).map((argument) => {
    const isHole = argument.type === 'operator' && argument.value === '?'
    return isHole ? 'HOLE' : emit(argument, place).js
  })
  const found = emit(procedure, place)
  refuseBareName(part, found, 'T1007', place)
  const count = code.constant(countParameters)
  const where = `${tokenOf(procedure, place)}, ${positionOf(part)}`
  return asValue(code.let(`partial(${found.js}, [${args.join(', ')}], ${where}, ${count})`), FUNCTION)
}
