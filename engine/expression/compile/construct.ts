import { fieldName, isOrdinary } from './code.ts'
import { emit } from './emit.ts'
import { emitPart } from './part.ts'
import {
  ARRAY,
  asValue,
  BOOLEAN,
  can,
  FUNCTION,
  inputOf,
  type Node,
  NULL,
  NUMBER,
  nodes,
  OBJECT,
  type Place,
  positionOf,
  STRING,
  UNDEFINED,
  Uncompilable,
  type Value,
} from './place.ts'
import { boundNames } from './scope.ts'

export function emitArray(part: Node, place: Place): Value {
  const { code } = place.unit
  const items = nodes(part.expressions)
  refuseBindings(items)
  const result = code.let('[]')
  const values = items.map((item) => {
    const value = emit(item, place)
    addItem(item, value, result, place)
    return value
  })
  if (part.consarray === true) code.line(`Object.defineProperty(${result}, 'cons', { value: true })`)
  return { js: result, kinds: ARRAY, items: values }
}

const SCALAR = BOOLEAN | NUMBER | STRING | NULL | OBJECT | FUNCTION

function addItem(item: Node, value: Value, result: string, place: Place): void {
  const { code, guard } = place.unit
  const defined = can(value, UNDEFINED) ? `if (${value.js} !== undefined) ` : ''
  if (item.value === '[' || (value.kinds & ~(SCALAR | UNDEFINED)) === 0) {
    code.line(`${defined}${result}.push(${value.js})`)
    return
  }
  const index = code.name()
  code.line(`if (Array.isArray(${value.js})) {`)
  if (guard.limits.sequence !== undefined) code.line(`G.checkLength(${result}.length + ${value.js}.length)`)
  code.line(`for (let ${index} = 0; ${index} < ${value.js}.length; ${index}++) ${result}.push(${value.js}[${index}])`)
  code.line(`} else ${defined}${result}.push(${value.js})`)
}

/** The package evaluates the members at the same time: a variable that one of them binds may not be there yet. */
function refuseBindings(parts: readonly Node[]): void {
  const [name] = boundNames(parts)
  if (name === undefined) return
  throw new Uncompilable(`$${name} is bound inside a constructor, whose members the interpreter evaluates all at once`)
}

type Pair = readonly [Node, Node]

function pairsOf(part: Node): readonly Pair[] {
  return part.lhs as readonly Pair[]
}

/** `{ ... }` for the input: one object, but for an array of inputs, which it groups. */
export function emitObject(part: Node, place: Place, unmarked: boolean): Value {
  const { code, hasTuples, bare } = place.unit
  const pairs = pairsOf(part)
  refuseBindings(pairs.flat())
  const { js } = place.input
  if (place.compact || hasTuples || !hasConstantKeys(pairs)) return emitGroup(part, asValue(js, ARRAY), place)
  const result = code.let('undefined')
  code.line(`if (Array.isArray(${js})) {`)
  const grouped = emitGroup(part, asValue(js, ARRAY), { ...place, compact: true })
  code.line(`${result} = ${grouped.js}`)
  code.line('} else {')
  emitFields(pairs, result, place, unmarked)
  if (bare) code.line(`bare(${result})`)
  code.line('}')
  return { js: result, kinds: OBJECT, fields: pairs.map(([key]) => key.value as string) }
}

function hasConstantKeys(pairs: readonly Pair[]): boolean {
  const keys = pairs.map(([key]) => (isBareString(key) ? (key.value as string) : undefined))
  const usable = keys.every((key) => key !== undefined && key !== '_jsonata_lambda' && key !== '_jsonata_function')
  // Fields with numbers for names come first, and so do their faults.
  const isInOrder = keys.length < 2 || keys.every((key) => !/^\d/.test(key as string))
  return usable && isInOrder && new Set(keys).size === keys.length
}

function isBareString(part: Node): boolean {
  return part.type === 'string' && part.predicate === undefined && part.group === undefined
}

function emitFields(pairs: readonly Pair[], result: string, place: Place, unmarked: boolean): void {
  const { code } = place.unit
  const fields = pairs.map(([key, part]) => ({ key: key.value as string, value: emit(part, place, unmarked) }))
  const open = fields.filter(({ value }) => can(value, UNDEFINED))
  const literal = fields.map(({ key, value }) => `${fieldName(code, key)}: ${value.js}`).join(', ')
  const all = open.map(({ value }) => `${value.js} !== undefined`).join(' && ')
  code.line(all === '' ? `${result} = { ${literal} }` : `if (${all}) ${result} = { ${literal} }`)
  if (all === '') return
  code.line(`else { ${result} = {}`)
  for (const { key, value } of fields) {
    const set = isOrdinary(key)
      ? `${result}.${key} = ${value.js}`
      : `setField(${result}, ${code.constant(key)}, ${value.js})`
    code.line(can(value, UNDEFINED) ? `if (${value.js} !== undefined) ${set}` : set)
  }
  code.line('}')
}

/** Grouping of a value; for a path, of its whole list. */
export function emitGroup(part: Node, value: Value, place: Place): Value {
  const { code, bare, hasTuples } = place.unit
  const pairs = pairsOf(part)
  refuseBindings(pairs.flat())
  const [only] = pairs
  const isSimple = only !== undefined && pairs.length === 1 && !place.compact && !hasTuples
  const items = code.let(value.js)
  const result = isSimple ? emitGroupBy(only, items, positionOf(part), place) : emitPairs(part, items, place)
  if (bare) code.line(`bare(${result})`)
  return asValue(result, OBJECT)
}

function emitPairs(part: Node, items: string, place: Place): string {
  const parts = pairsOf(part).map(([key, field]) => {
    return `{ key: ${emitPart(key, place, true)}, value: ${emitPart(field, place, true, true)} }`
  })
  return place.unit.code.let(`group(${items}, [${parts.join(', ')}], ${positionOf(part)}, G)`)
}

/** By one pair: a single item, or a short list of them with a few ordinary names, is grouped where it stands. */
function emitGroupBy([key, field]: Pair, items: string, position: string, place: Place): string {
  const { code } = place.unit
  const keyOf = emitPart(key, place)
  const [result, names, groups] = [code.let('{}'), code.let('[]'), code.let('[]')]
  const [fits, many] = [code.let(`isShort(${items})`), code.let(`Array.isArray(${items})`)]
  const [index, one, name, at, item] = [code.name(), code.name(), code.name(), code.name(), code.name()]
  code.line(`if (${fits}) for (let ${index} = 0; ${index} < (${many} ? ${items}.length : 1); ${index}++) {`)
  code.line(`const ${one} = ${many} ? ${items}[${index}] : ${items}`)
  code.line(`const ${name} = ${keyOf}(${one})`)
  code.line(
    `if (${name} !== undefined && !putInGroup(${names}, ${groups}, ${name}, ${one})) { ${fits} = false; break } }`,
  )
  code.line(
    `if (!${fits}) groupInto(${names} = [], ${groups} = [], ${items}, { key: ${keyOf}, position: ${position} }, G)`,
  )
  code.line(`for (let ${at} = 0; ${at} < ${names}.length; ${at}++) {`)
  code.line(`const ${item} = ${groups}[${at}]`)
  const { js } = emit(field, { ...place, input: inputOf(code, item, true) })
  code.line(`if (${js} !== undefined) {`)
  code.line(`if (${fits}) ${result}[${names}[${at}]] = ${js}; else setField(${result}, ${names}[${at}], ${js}) } }`)
  return result
}
