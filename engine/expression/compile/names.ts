/** Paths of names alone: `customer.address.city`. */

import { fieldOf } from './code.ts'
import { finishing } from './emit.ts'
import { emitLengthCheck, emitTick } from './filter.ts'
import { openedField } from './nests.ts'
import {
  ANY,
  asValue,
  type Input,
  inputOf,
  isDataCode,
  isDataName,
  NESTED,
  type Node,
  type Place,
  type Value,
} from './place.ts'
import type { Sink } from './sink.ts'

export function isNames(part: Node, steps: readonly Node[]): boolean {
  return part.group === undefined && steps.length <= 8 && steps.every(isBareName)
}

export function isPlainStep({ predicate, group, keepArray }: Node): boolean {
  return predicate === undefined && group === undefined && keepArray !== true
}

export function isBareName(step: Node): boolean {
  return step.type === 'name' && step.stages === undefined && isPlainStep(step)
}

/** Objects all the way down are read as they are; at the first array, the general code takes over. */
export function emitNames(steps: readonly Node[], part: Node, place: Place, want: Want): Value {
  const { code } = place.unit
  const keep = part.keepSingletonArray === true || part.keepArray === true
  const names = steps.map((step) => step.value as string)
  if (keep || names.some((name) => name in Object.prototype)) {
    return asValue(code.let(`namePath(${place.input.js}, ${code.constant(names)}, ${keep}, G)`), ANY | NESTED)
  }
  const result = code.let('undefined')
  emitNamesFrom(0, { names, result, place, ...want }, place.input)
  return asValue(result, ANY | NESTED)
}

interface Want {
  readonly unmarked: boolean
  readonly sink: Sink | undefined
}

interface Names extends Want {
  readonly names: readonly string[]
  readonly result: string
  readonly place: Place
}

function emitNamesFrom(at: number, path: Names, input: Input): void {
  const { names, result, place } = path
  const { unit } = place
  const { code } = unit
  code.line(`if (${isDataName(unit, input)}) {`)
  const read = openedField(place, fieldOf(code, input.object, names[at] as string))
  if (at === names.length - 1) {
    code.line(`${result} = ${read}`)
    code.line(`if (Array.isArray(${result})) ${result} = lastArray(${result})`)
  } else {
    const next = inputOf(code, code.let(read))
    emitNamesFrom(at + 1, path, next)
  }
  code.line('} else {')
  if (at === names.length - 1 && (at > 0 || input.isList)) emitNamesOfItems(path, input, generally(at, path, input))
  else code.line(generally(at, path, input))
  code.line('}')
}

/** The rest of the path for what is no plain object. */
function generally(at: number, { names, result, place }: Names, input: Input): string {
  const constant = place.unit.code.constant(names)
  if (at === 0) return `${result} = namePath(${input.js}, ${constant}, false, G)`
  return `if (Array.isArray(${input.js})) ${result} = restOfNames(${input.js}, ${constant}, ${at}, G)`
}

/** The last name for each item of an array of objects, as long as none of the values is an array itself. */
function emitNamesOfItems(path: Names, input: Input, general: string): void {
  const { names, result, place, unmarked, sink } = path
  const { code } = place.unit
  const [list, index, item, value] = [code.name(), code.name(), code.name(), code.name()]
  const simple = sink?.fused ?? code.let('false')
  code.line(`${simple} = Array.isArray(${input.js}) && !${input.js}.cons`)
  if (sink === undefined) code.line(`const ${list} = []`)
  code.line(`if (${simple}) {`)
  emitTick(`${input.js}.length`, place)
  code.line(`for (let ${index} = 0; ${index} < ${input.js}.length; ${index}++) {`)
  code.line(`const ${item} = ${input.js}[${index}]`)
  code.line(`if (!(${isDataCode(item, place.unit)})) { ${simple} = false; break }`)
  code.line(`const ${value} = ${fieldOf(code, item, names.at(-1) as string)}`)
  if (sink !== undefined) sink.take(asValue(value, ANY))
  else {
    code.line(`if (Array.isArray(${value})) { ${simple} = false; break }`)
    code.line(`if (${value} !== undefined) ${list}.push(${value})`)
  }
  code.line('}')
  if (sink === undefined) emitLengthCheck(list, place)
  code.line('}')
  if (sink === undefined) code.line(`if (${simple}) ${result} = ${finishing(list, unmarked)}; else { ${general} }`)
  else code.line(`if (!${simple}) { ${general} }`)
}
