/**
 * The functions that are called most, on arguments as they usually are: as code of the program's own, so that the
 * JavaScript engine learns its shapes. Everything else about them is in the runtime.
 */

import { DirectRegex } from '../runtime/regex.ts'
import { isOrdinary } from './code.ts'
import type { DirectCall } from './native-calls.ts'
import { ARRAY, can, FUNCTION, isDataCode, type Node, nodes, OBJECT, type Place, type Value } from './place.ts'

interface Site {
  readonly place: Place
  readonly unmarked: boolean
}

/** Undefined for calls of any other kind. */
export function quickCall(name: string, part: Node, args: readonly Value[], site: Site): DirectCall | undefined {
  const [first, second] = args
  if (first === undefined || site.place.compact) return undefined
  if (name in TOTALS && args.length === 1 && can(first, ARRAY)) return total(name as keyof typeof TOTALS, first, site)
  if (name === 'merge') return args.length === 1 ? merge(first, site) : undefined
  if (args.length === 1 && name in ONES) return ONES[name as keyof typeof ONES](first)
  if (name in LOOPS && args.length === 2 && second !== undefined)
    return loop(name as keyof typeof LOOPS, part, args, site)
  return undefined
}

const TOTALS = { sum: 'sumOf', max: 'maxOf', min: 'minOf', average: 'averageOf' } as const

/** One pass: the numbers are added up while it is made sure that they are numbers. */
function total(name: keyof typeof TOTALS, items: Value, { place: { unit } }: Site): DirectCall {
  const { code } = unit
  const one = name === 'sum' || name === 'average' ? `0 + ${items.js}` : items.js
  const several = `Array.isArray(${items.js}) && ${items.js}.length > 0 ? ${TOTALS[name]}(${items.js}) : undefined`
  const js = code.let(`typeof ${items.js} === 'number' ? ${one} : ${several}`)
  return { test: `${js} !== undefined`, js, safe: false }
}

/** Calls with one argument. A function exists, too. */
const ONES = {
  exists: ({ js }: Value): DirectCall => ({ test: '', js: `${js} !== undefined`, safe: true }),
}

function merge(list: Value, { place: { unit } }: Site): DirectCall | undefined {
  if (unit.bare) return undefined
  const test = onlyObjects(list, unit)
  if (list.items === undefined) return { test, js: `mergeItems(${list.js})`, safe: true }
  const { code } = unit
  const [result, field] = [code.let('undefined'), code.let('undefined')]
  const steps = list.items.flatMap(({ js, fields }) => {
    if (fields === undefined || !fields.every(isOrdinary)) return [`mergeInto(${result}, ${js})`]
    // Cheaper than to ask the object for what is known here.
    return fields.map((name) => `(${field} = ${js}.${name}) !== undefined && (${result}.${name} = ${field})`)
  })
  return { test, js: `(${[`${result} = new Merged()`, ...steps, result].join(', ')})`, safe: true }
}

/** Of an array that is written out, each item is looked at where it comes from. */
function onlyObjects({ js, items }: Value, unit: Place['unit']): string {
  if (items === undefined) return `areObjects(${js})`
  return items
    .filter(({ kinds }) => kinds !== OBJECT)
    .map((item) => isDataCode(item.js, unit))
    .join(' && ')
}

const LOOPS = { map: 'mapItems', filter: 'filterItems', reduce: 'reduceItems' } as const

/** The function is written at the call, and takes no more than a value and where it stands. */
function loop(
  name: keyof typeof LOOPS,
  part: Node,
  [items, procedure]: readonly Value[],
  { place, unmarked }: Site,
): DirectCall | undefined {
  const written = nodes(part.arguments).at(-1)
  const arity = nodes(written?.arguments).length
  if (items === undefined || !can(items, ARRAY) || procedure?.kinds !== FUNCTION || written?.type !== 'lambda')
    return undefined
  if (written.signature !== undefined || written.predicate !== undefined || written.group !== undefined)
    return undefined
  if (name === 'reduce' ? arity !== 2 : arity > 2) return undefined
  const { code } = place.unit
  const call = `${LOOPS[name]}(${items.js}, ${procedure.js}, G)`
  const test = `Array.isArray(${items.js})`
  if (name === 'reduce') return { test: `${test} && ${items.js}.length > 0`, js: call, safe: false }
  // What stands behind the call is for the list, even if that is of one item or none.
  const goesOn = part.predicate !== undefined || part.group !== undefined || part.keepArray === true
  if (goesOn) return { test, js: `sequenceOf(${call})`, safe: false }
  const list = code.let(`undefined`)
  const several = unmarked ? list : `sequenceOf(${list})`
  return { test, js: `(${list} = ${call}, ${list}.length > 1 ? ${several} : onlyOf(${list}))`, safe: false }
}

/** True for functions to which a sequence is an array like any other, and that hand it on to no function. */
export function ignoresMarks(name: string, part: Node): boolean {
  if (!UNMARKED.has(name)) return false
  if (!(name in LOOPS)) return true
  const procedure = nodes(part.arguments).at(-1)
  return procedure?.type === 'lambda' && nodes(procedure.arguments).length <= 2
}

const UNMARKED = new Set([
  ...['sum', 'count', 'max', 'min', 'average', 'join', 'map', 'filter', 'reduce', 'exists', 'string', 'boolean', 'not'],
  ...['merge', 'contains', 'length', 'uppercase', 'lowercase', 'substring', 'number', 'round', 'floor', 'type'],
])

/** A regular expression that is written as an argument of a function for texts: no function has to be made of it. */
export function emitRegexArgument(argument: Node, name: string, { unit }: Place): Value | undefined {
  if (argument.type !== 'regex' || !TAKES_REGEX.has(name)) return undefined
  if (argument.predicate !== undefined || argument.group !== undefined) return undefined
  const { code, regexEngine, regexes } = unit
  const source = argument.value instanceof RegExp ? argument.value : (regexes.get(argument.position) as RegExp)
  const Engine = regexEngine as new (source: RegExp) => RegExp
  const direct = new DirectRegex(new Engine(source), source, argument.position as number)
  return { js: code.constant(direct.call), kinds: FUNCTION }
}

const TAKES_REGEX = new Set(['contains', 'match', 'replace', 'split'])

/** Functions of each program, in the terms of `program.ts`. */
export const QUICK = `
const sumOf = (items) => {
  let total = 0
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item !== 'number') return undefined
    total += item
  }
  return total
}
const averageOf = (items) => {
  const total = sumOf(items)
  return total === undefined ? undefined : total / items.length
}
const maxOf = (items) => {
  let most = -Infinity
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item !== 'number') return undefined
    most = Math.max(most, item)
  }
  return most
}
const minOf = (items) => {
  let least = Infinity
  for (let i = 0; i < items.length; i++) {
    const item = items[i]
    if (typeof item !== 'number') return undefined
    least = Math.min(least, item)
  }
  return least
}
// An ordinary object, but one for which the engine learns how many fields it will have.
function Merged() {}
Merged.prototype = Object.prototype
const mergeItems = (items) => {
  const result = new Merged()
  for (let i = 0; i < items.length; i++) mergeInto(result, items[i])
  return result
}
const mergeInto = (result, item) => {
  // Assigning __proto__ would change the prototype instead.
  if (!Object.hasOwn(item, '__proto__')) Object.assign(result, item)
  else for (const name in item) setField(result, name, item[name])
}
// An item that is a list itself may be a sequence, which this call does not open.
const onlyOf = (items) => Array.isArray(items[0]) ? sequenceOf(items) : items[0]
const mapItems = (items, each, guard) => {
  guard.tick(items.length)
  const results = []
  for (let i = 0; i < items.length; i++) {
    const result = each(items[i], i)
    if (result !== undefined) results.push(result)
  }
  if (results.length > guard.sequence) guard.tooLong(guard.sequence)
  return results
}
const filterItems = (items, keeps, guard) => {
  guard.tick(items.length)
  const kept = []
  for (let i = 0; i < items.length; i++) {
    const verdict = keeps(items[i], i)
    if (verdict === true || (typeof verdict !== 'boolean' && isTruthy(verdict))) kept.push(items[i])
  }
  if (kept.length > guard.sequence) guard.tooLong(guard.sequence)
  return kept
}
const reduceItems = (items, combine, guard) => {
  guard.tick(items.length)
  let result = items[0]
  for (let i = 1; i < items.length; i++) result = combine(result, items[i])
  return result
}`
