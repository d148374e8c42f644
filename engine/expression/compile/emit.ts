import { emitApply, emitCall, emitPartial } from './calls.ts'
import { number } from './code.ts'
import { emitArray, emitGroup, emitObject } from './construct.ts'
import { emitFilter } from './filter.ts'
import { emitLambda, emitTransform } from './lambda.ts'
import { emitBinary, emitNegation, truth } from './operators.ts'
import { emitPath } from './paths.ts'
import {
  ANY,
  ARRAY,
  asValue,
  BOOLEAN,
  can,
  FUNCTION,
  handedOn,
  LIST,
  NESTED,
  type Node,
  NULL,
  NUMBER,
  node,
  nodes,
  type Place,
  RAW,
  STRING,
  UNDEFINED,
  Uncompilable,
  type Value,
} from './place.ts'
import { openFrame, readVariable } from './scope.ts'

/**
 * Writes the code of a piece of an expression and says where its value is. `unmarked`: whoever takes the value does not
 * care whether an array is marked as a sequence.
 */
export function emit(part: Node, place: Place, unmarked = false): Value {
  const passed = unmarked && part.predicate === undefined && part.group === undefined && part.keepArray !== true
  let value = emitBare(part, place, passed)
  for (const predicate of nodes(part.predicate)) value = emitFilter(node(predicate.expr), value, place)
  if (part.type !== 'path' && part.group !== undefined) value = emitGroup(node(part.group), value, place)
  return finished(value, part.keepArray === true, unmarked, place)
}

/** What stands at the end of every evaluation: a sequence of one item is its item, one of none is nothing. */
function finished(value: Value, keep: boolean, unmarked: boolean, { unit: { code } }: Place): Value {
  const kinds = (value.kinds & ~(RAW | LIST)) | ANY | NESTED
  if (can(value, LIST))
    return asValue(code.let(keep ? `finishKept(sequenceOf(${value.js}))` : finishing(value.js, unmarked)), kinds)
  if (keep && can(value, ARRAY | RAW)) return asValue(code.let(`unwrapKept(${value.js})`), kinds)
  if (!can(value, RAW)) return value
  return asValue(code.let(`unwrap(${value.js})`), kinds)
}

/** What a list of the code's own comes to. */
export function finishing(list: string, unmarked: boolean): string {
  return unmarked ? `(${list}.length > 1 ? ${list} : ${list}[0])` : `finishList(${list})`
}

function emitBare(part: Node, place: Place, unmarked: boolean): Value {
  const { unit, input } = place
  const { code } = unit
  switch (part.type) {
    case 'path':
      return emitPath(part, place, unmarked)
    case 'name':
      return asValue(code.let(`lookup(${input.js}, ${code.constant(part.value)})`), ANY | RAW)
    case 'binary':
      return emitBinary(part, place)
    case 'unary':
      return emitUnary(part, place, unmarked)
    case 'string':
      return asValue(code.constant(part.value), STRING)
    case 'number':
      return asValue(number(part.value as number), NUMBER)
    case 'value':
      return asValue(String(part.value), part.value === null ? NULL : BOOLEAN)
    case 'wildcard':
      return asValue(code.let(`wildcard(${input.js}, G)`), ARRAY | RAW)
    case 'descendant':
      return asValue(code.let(`descendants(${input.js}, G)`), ANY | RAW)
    case 'parent':
      return variable((part.slot as { readonly label: string }).label, place)
    case 'variable':
      return emitVariable(part, place)
    case 'condition':
      return emitCondition(part, place, unmarked)
    case 'block':
      return emitBlock(part, place, unmarked)
    case 'bind':
      return emitBind(part, place)
    case 'regex':
      return emitRegex(part, place)
    case 'function':
      return emitCall(part, place, unmarked)
    case 'lambda':
      return emitLambda(part, place)
    case 'partial':
      return emitPartial(part, place)
    case 'apply':
      return emitApply(part, place)
    case 'transform':
      return emitTransform(part, place)
    default:
      // The package's evaluator knows no other and yields nothing.
      return asValue('undefined', UNDEFINED)
  }
}

function emitUnary(part: Node, place: Place, unmarked: boolean): Value {
  if (part.value === '[') return emitArray(part, place)
  if (part.value === '{') return emitObject(part, place, unmarked)
  return emitNegation(part, place)
}

function emitVariable(part: Node, place: Place): Value {
  const { unit, input } = place
  if (part.value === '') return asValue(unit.code.let(`self(${input.js})`), ANY | RAW)
  return variable(part.value as string, place)
}

function variable(name: string, { unit, scope }: Place): Value {
  return asValue(unit.code.let(readVariable(unit.code, scope, name, () => globalOf(name, unit))), ANY | RAW)
}

/** A name that no frame of the expression holds: a binding from outside, or else a function. */
export function globalOf(name: string, unit: Place['unit']): string {
  const known = unit.globals.get(name)
  if (known !== undefined) return known
  const { code, natives, globals, globalsLine } = unit
  const js = code.name()
  const key = code.constant(name)
  const native = natives.get(name)
  const fallback = name === '$' ? 'input' : native === undefined ? 'undefined' : code.constant(native)
  const found = name === '$' ? 'input' : `hasOwn(bindings, ${key}) ? bindings[${key}] : ${fallback}`
  code.fill(globalsLine, `const ${js} = ${found};`)
  if (native !== undefined) code.fill(globalsLine, `${fallback}.token = undefined; ${fallback}.position = undefined;`)
  globals.set(name, js)
  return js
}

function emitCondition(part: Node, place: Place, unmarked: boolean): Value {
  const { code } = place.unit
  const condition = emit(node(part.condition), place, true)
  const result = code.let('undefined')
  code.line(`if (${truth(condition)}) {`)
  const then = emit(node(part.then), place, unmarked)
  code.line(`${result} = ${then.js}`)
  let kinds = then.kinds
  if (part.else === undefined) kinds |= UNDEFINED
  else {
    code.line('} else {')
    const otherwise = emit(node(part.else), place, unmarked)
    code.line(`${result} = ${otherwise.js}`)
    kinds |= otherwise.kinds
  }
  code.line('}')
  return handedOn(asValue(result, kinds))
}

function emitBlock(part: Node, place: Place, unmarked: boolean): Value {
  const { code } = place.unit
  const parts = nodes(part.expressions)
  const scope = openFrame(code, place.scope, parts)
  let value = asValue('undefined', UNDEFINED)
  for (const one of parts) {
    value = emit(one, { ...place, scope }, unmarked && one === parts.at(-1))
    markBound(one, scope)
  }
  return handedOn(value)
}

/** After `$x := 1;` every read of `$x` finds it. */
function markBound(part: Node, scope: Place['scope']): void {
  if (part.type !== 'bind') return
  const variable = scope.variables.get(node(part.lhs).value as string)
  if (variable !== undefined) variable.bound = true
  markBound(node(part.rhs), scope)
}

function emitBind(part: Node, place: Place): Value {
  const { code } = place.unit
  const value = emit(node(part.rhs), place)
  const name = node(part.lhs).value as string
  const variable = place.scope.variables.get(name)
  if (variable === undefined) throw new Uncompilable(`$${name} is bound where no frame was opened for it`)
  code.line(`${variable.js} = ${value.js}`)
  return handedOn(value)
}

function emitRegex(part: Node, { unit: { code, regexEngine, regexes } }: Place): Value {
  const source = code.constant(part.value instanceof RegExp ? part.value : regexes.get(part.position))
  const engine = code.constant(regexEngine)
  return asValue(code.let(`matcher(new ${engine}(${source}), ${source}, ${part.position})`), FUNCTION)
}
