/** The steps of paths on which nothing is bound; for the others, see `tuple-path.ts`. */

import { fieldOf } from './code.ts'
import { emit } from './emit.ts'
import { emitFilter, emitLengthCheck, emitTick } from './filter.ts'
import { isBareName, isPlainStep } from './names.ts'
import { openedField } from './nests.ts'
import { emitPart } from './part.ts'
import {
  ANY,
  ARRAY,
  asValue,
  can,
  type Input,
  inputOf,
  isDataName,
  LIST,
  type Node,
  node,
  nodes,
  type Place,
  positionOf,
  RAW,
  type Value,
} from './place.ts'
import { boundNames } from './scope.ts'

/** What a path has come to: one value, or (when `many` holds) a list of items. */
export interface Stand {
  readonly js: string
  /** A JavaScript condition, `true` or `false` where it is known. */
  readonly many: string
  /** The list was made by the path and means a sequence; false for an array that is handed on as it is. */
  readonly plain?: string | undefined
  /**
   * The array that is written at the beginning, or what its predicates left of it; or an array of the data that stood at
   * a position behind an order. Where it is empty, the path ends there and yields it.
   */
  readonly whole?: string
}

export interface Where {
  readonly place: Place
  readonly isFirst: boolean
  readonly isLast: boolean
  /** The path ends in a grouping. */
  readonly grouped: boolean
}

/** Writes one step: what it comes to for all that the steps before it have come to. */
export function emitStep(step: Node, stand: Stand, where: Where): Stand {
  const { code } = where.place.unit
  if (step.type === 'sort') return emitSort(step, stand, where.place)
  if (where.isFirst && (!where.isLast || where.grouped) && isBareName(step)) return emitFirstName(step, where.place)
  if (where.isFirst && step.consarray === true) return emitWhole(step, stand, where.place)
  if (stand.many === 'false') return emitSingle(step, stand, where)
  const [list, one, index, item] = [code.let('[]'), code.let('undefined'), code.name(), code.name()]
  const asks = where.isLast && !isScalar(step)
  const [count, only] = asks ? [code.let('0'), code.let('undefined')] : ['', '']
  const many = stand.many
  emitTick(many === 'true' ? `${stand.js}.length` : `${many} ? ${stand.js}.length : 1`, where.place)
  const length = many === 'true' ? `${stand.js}.length` : `(${many} ? ${stand.js}.length : 1)`
  code.line(`for (let ${index} = 0; ${index} < ${length}; ${index}++) {`)
  const source = many === 'true' ? `${stand.js}[${index}]` : `${many} ? ${stand.js}[${index}] : ${stand.js}`
  code.line(`const ${item} = ${source}`)
  const value = emitStaged(step, item, where.place)
  const listed = isListed(step)
  const single = listed || many === 'true' ? '' : `if (!${many}) ${one} = ${value.js}; else `
  code.line(`${single}if (${value.js} !== undefined) {`)
  if (asks) code.line(`${count}++; ${only} = ${value.js}`)
  code.line(addition(list, value))
  code.line('}')
  emitLengthCheck(list, where.place)
  code.line('}')
  if (asks) return lastOfMany({ list, one, count, only, many, listed, value }, where.place)
  if (where.isLast) return { js: listed || many === 'true' ? list : code.let(`${many} ? ${list} : ${one}`), many }
  if (listed || many === 'true') return { js: list, many: 'true' }
  return spreadOut(many, list, one, where.place)
}

/** The field of the input, where that is an object. */
function emitFirstName(step: Node, place: Place): Stand {
  const { unit, input } = place
  const { code } = unit
  const name = step.value as string
  if (name in Object.prototype) {
    return { js: code.let(`namesStep(${input.js}, ${code.constant(name)}, G)`), many: 'true' }
  }
  const [js, many] = [code.let('undefined'), code.let('false')]
  code.line(`if (${isDataName(unit, input)}) {`)
  code.line(`${js} = ${openedField(place, fieldOf(code, input.object, name))}`)
  code.line(`if (${js} === undefined) { ${js} = []; ${many} = true }`)
  code.line(`else ${many} = Array.isArray(${js}) && !${js}.cons`)
  if (unit.writes) code.line(`if (${many}) ${js} = withoutHoles(${js})`)
  code.line(`} else { ${js} = namesStep(${input.js}, ${code.constant(name)}, G); ${many} = true }`)
  return { js, many }
}

function addition(list: string, value: Value): string {
  if (!can(value, ARRAY | RAW | LIST)) return `${list}.push(${value.js})`
  return `if (Array.isArray(${value.js})) addTo(${list}, ${value.js}); else ${list}.push(${value.js})`
}

interface Last {
  readonly list: string
  readonly one: string
  readonly count: string
  readonly only: string
  readonly many: string
  readonly listed: boolean
  readonly value: Value
}

/** Where one item of several yields an array, the path yields that array as it is. */
function lastOfMany({ list, one, count, only, many, listed, value }: Last, { unit: { code } }: Place): Stand {
  const isPlain = can(value, LIST) ? 'false' : `${count} === 1 && Array.isArray(${only}) && ${only}.sequence !== true`
  const plain = code.let(isPlain)
  const items = code.let(`${plain} ? ${only} : ${list}`)
  if (listed || many === 'true') return { js: items, many: 'true', plain }
  return { js: code.let(`${many} ? ${items} : ${one}`), many, plain }
}

/** The items that the next step is for. */
function spreadOut(many: string, list: string, one: string, { unit: { code, writes } }: Place): Stand {
  const js = code.let(`${many} ? ${list} : ${one}`)
  const next = code.let(`${many}`)
  code.line(`if (!${next}) { if (${js} === undefined) { ${js} = []; ${next} = true }`)
  code.line(`else ${next} = Array.isArray(${js}) && !${js}.cons }`)
  if (writes) code.line(`if (${next}) ${js} = withoutHoles(${js})`)
  return { js, many: next }
}

/** True for steps whose values are surely no arrays. */
function isScalar(step: Node): boolean {
  if (isListed(step) || step.predicate !== undefined || step.group !== undefined) return false
  if (step.type === 'block') {
    const parts = nodes(step.expressions)
    return parts.length === 1 && isScalar(parts[0] as Node)
  }
  return step.type === 'binary' && step.value !== '..'
}

export function isListed(step: Node): boolean {
  return nodes(step.stages).length > 0
}

/** A step for exactly one item. */
function emitSingle(step: Node, stand: Stand, where: Where): Stand {
  const { code } = where.place.unit
  const value = emitStaged(step, stand.js, where.place)
  if (!isListed(step)) {
    if (where.isLast) return { js: value.js, many: 'false' }
    return spreadOut('false', '[]', value.js, where.place)
  }
  const list = code.let('[]')
  code.line(`addTo(${list}, ${value.js})`)
  if (!where.isLast) return { js: list, many: 'true' }
  const plain = can(value, LIST) ? 'false' : code.let(`${value.js}.sequence !== true`)
  return { js: plain === 'false' ? list : code.let(`${plain} ? ${value.js} : ${list}`), many: 'true', plain }
}

export function emitStaged(step: Node, item: string, place: Place): Value {
  const input = inputOf(place.unit.code, item)
  let value = step.type === 'name' ? emitField(step, input, place) : emit(step, { ...place, input })
  for (const stage of nodes(step.stages)) value = emitFilter(node(stage.expr), value, place)
  return value
}

function emitField(step: Node, input: Input, place: Place): Value {
  const { code } = place.unit
  if (!isPlainStep(step)) return emit(step, { ...place, input })
  return asValue(code.let(fieldRead(step.value as string, input, place)), ANY)
}

/** A field that every object has from elsewhere is only read as its own. */
function fieldRead(name: string, input: Input, place: Place): string {
  const { unit } = place
  const general = `unwrap(lookup(${input.js}, ${unit.code.constant(name)}))`
  if (name in Object.prototype) return general
  return `${isDataName(unit, input)} ? ${openedField(place, fieldOf(unit.code, input.object, name))} : ${general}`
}

/** An array that is written at the beginning of a path is evaluated once, for all that the path is for. */
function emitWhole(step: Node, stand: Stand, place: Place): Stand {
  const { code } = place.unit
  const list = code.let(`asList(${stand.js})`)
  const whole = code.let(emit(step, { ...place, input: inputOf(code, list), compact: true }).js)
  const js = code.let(`${whole} === undefined ? [] : ${whole}`)
  // The package goes over whatever has a length, even the characters of a text.
  return { js, many: 'true', whole }
}

/** One key of an order, as `orderBy` takes it. */
export function emitTerm(term: Node, place: Place, ownFrame: boolean): string {
  const expression = node(term.expression)
  const binds = boundNames([expression]).size > 0
  const key = emitPart(expression, place, ownFrame)
  return `{ expression: ${key}, descending: ${term.descending === true}, binds: ${binds} }`
}

function emitSort(step: Node, stand: Stand, place: Place): Stand {
  const { code } = place.unit
  const terms = nodes(step.terms).map((term) => emitTerm(term, place, false))
  const items = code.let(stand.many === 'true' ? stand.js : `${stand.many} ? ${stand.js} : [${stand.js}]`)
  const kinds = stand.whole === undefined ? ARRAY : ANY
  const sorted = asValue(code.let(`orderBy(${items}, [${terms.join(', ')}], ${positionOf(step)}, G)`), kinds)
  let value = sorted
  for (const stage of nodes(step.stages)) value = emitFilter(node(stage.expr), value, place)
  const { js } = value
  const isNoList = kinds === ARRAY ? '' : `!Array.isArray(${js}) || `
  // One item stays in an array that is written there.
  const isWritten = kinds === ARRAY ? '' : `${isNoList}${items}.sequence !== true || `
  if (value === sorted) return { js, many: 'true', plain: code.let(`${isWritten}${js}.length > 1`) }
  if (can(value, LIST)) return { js, many: 'true', plain: 'false' }
  return { js, many: 'true', plain: code.let(`${isNoList}${js}.sequence !== true`), whole: js }
}

/** True for an order with a position behind it, where an array can stand. */
export function isItemOfOrder({ type, stages }: Node): boolean {
  return type === 'sort' && node(nodes(stages).at(-1)?.expr)?.type === 'number'
}
