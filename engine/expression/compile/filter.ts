import { number } from './code.ts'
import { emit } from './emit.ts'
import { truth } from './operators.ts'
import { emitPart } from './part.ts'
import {
  ARRAY,
  asValue,
  BOOLEAN,
  can,
  inputOf,
  LIST,
  type Node,
  type Place,
  RAW,
  UNDEFINED,
  type Value,
} from './place.ts'

/** `[predicate]`: the items of a value that meet it, or that stand at the positions it yields. */
export function emitFilter(predicate: Node, value: Value, place: Place): Value {
  const { unit } = place
  const { code } = unit
  if (predicate.type === 'number') {
    return asValue(code.let(`itemAt(${value.js}, ${number(predicate.value as number)})`), ARRAY | RAW)
  }
  if (!place.compact && !unit.hasTuples) return emitLoop(predicate, value, place)
  const part = emitPart(predicate, place)
  return asValue(code.let(`filter(${value.js}, ${part}, G)`), ARRAY | RAW)
}

function emitLoop(predicate: Node, value: Value, place: Place): Value {
  const { unit } = place
  const { code } = unit
  const items = can(value, LIST) ? value.js : code.let(`Array.isArray(${value.js}) ? ${value.js} : [${value.js}]`)
  const kept = code.let('[]')
  const [index, item] = [code.name(), code.name()]
  emitTick(`${items}.length`, place)
  code.line(`for (let ${index} = 0; ${index} < ${items}.length; ${index}++) {`)
  code.line(`const ${item} = ${items}[${index}]`)
  const verdict = emit(predicate, { ...place, input: inputOf(code, item) }, true)
  if ((verdict.kinds & ~(BOOLEAN | UNDEFINED)) === 0) code.line(`if (${truth(verdict)}) ${kept}.push(${item})`)
  else {
    code.line(`if (${verdict.js} === true) ${kept}.push(${item})`)
    const times = code.name()
    code.line(`else if (${verdict.js} !== false && ${verdict.js} !== undefined) {`)
    code.line(`for (let ${times} = timesKept(${verdict.js}, ${index}, ${items}.length); ${times} > 0; ${times}--) {`)
    code.line(`${kept}.push(${item}) } }`)
  }
  emitLengthCheck(kept, place)
  code.line('}')
  return asValue(kept, LIST)
}

export function emitLengthCheck(list: string, { unit: { code, guard } }: Place): void {
  if (guard.limits.sequence !== undefined) code.line(`if (${list}.length > G.sequence) G.tooLong(G.sequence)`)
}

/** Counts the steps of a loop that is about to start. */
export function emitTick(steps: string, { unit: { code, guard } }: Place): void {
  if (guard.limits.time !== undefined) code.line(`G.tick(${steps})`)
}
