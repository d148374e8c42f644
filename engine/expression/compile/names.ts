/** Paths of names alone: `customer.address.city`. */

import { fieldOf } from './code.ts'
import { finishing } from './emit.ts'
import { emitLengthCheck, emitTick } from './filter.ts'
import {
  ANY,
  asValue,
  type Input,
  inputOf,
  isDataCode,
  isDataName,
  type Node,
  type Place,
  type Value,
} from './place.ts'

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
export function emitNames(steps: readonly Node[], part: Node, place: Place, unmarked: boolean): Value {
  const { code } = place.unit
  const keep = part.keepSingletonArray === true || part.keepArray === true
  const names = steps.map((step) => step.value as string)
  if (keep || names.some((name) => name in Object.prototype)) {
    return asValue(code.let(`namePath(${place.input.js}, ${namesConstant(names, place)}, ${keep}, G)`), ANY)
  }
  const result = code.let('undefined')
  emitNamesFrom(0, { names, result, place, unmarked }, place.input)
  return asValue(result, ANY)
}

interface Names {
  readonly names: readonly string[]
  readonly result: string
  readonly place: Place
  readonly unmarked: boolean
}

function emitNamesFrom(at: number, path: Names, input: Input): void {
  const { names, result, place } = path
  const { unit } = place
  const { code } = unit
  code.line(`if (${isDataName(unit, input)}) {`)
  const read = fieldOf(code, input.js, names[at] as string)
  if (at === names.length - 1) {
    code.line(`${result} = ${read}`)
    code.line(`if (Array.isArray(${result})) ${result} = lastArray(${result})`)
  } else {
    const next = inputOf(code, code.let(read))
    emitNamesFrom(at + 1, path, next)
  }
  code.line('} else {')
  if (at > 0 && at === names.length - 1) emitNamesOfItems(path, input)
  else if (at === 0) code.line(`${result} = namePath(${input.js}, ${namesConstant(names, place)}, false, G)`)
  else
    code.line(
      `if (Array.isArray(${input.js})) ${result} = restOfNames(${input.js}, ${namesConstant(names, place)}, ${at}, G)`,
    )
  code.line('}')
}

/** The last name for each item of an array. */
function emitNamesOfItems({ names, result, place, unmarked }: Names, input: Input): void {
  const { code } = place.unit
  const name = names.at(-1) as string
  const [list, index, item, value] = [code.name(), code.name(), code.name(), code.name()]
  code.line(`if (Array.isArray(${input.js})) {`)
  code.line(`const ${list} = []; let simple = true`)
  emitTick(`${input.js}.length`, place)
  code.line(`for (let ${index} = 0; ${index} < ${input.js}.length; ${index}++) {`)
  code.line(`const ${item} = ${input.js}[${index}]`)
  code.line(`if (!(${isDataCode(item)})) { simple = false; break }`)
  code.line(`const ${value} = ${fieldOf(code, item, name)}`)
  code.line(`if (Array.isArray(${value})) { simple = false; break }`)
  code.line(`if (${value} !== undefined) ${list}.push(${value})`)
  code.line('}')
  emitLengthCheck(list, place)
  const rest = `restOfNames(${input.js}, ${namesConstant(names, place)}, ${names.length - 1}, G)`
  code.line(`${result} = simple && ${input.js}.cons !== true ? ${finishing(list, unmarked)} : ${rest}`)
  code.line('}')
}

function namesConstant(names: readonly string[], { unit: { code } }: Place): string {
  return code.constant(names)
}
