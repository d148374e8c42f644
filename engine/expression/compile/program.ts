import type { Native } from '../runtime/apply.ts'
import type { Guard } from '../runtime/guard.ts'
import * as runtime from '../runtime/index.ts'
import { nodesOf, type SyntaxNode } from '../syntax.ts'
import { Code } from './code.ts'
import { emit } from './emit.ts'
import { markedNatives } from './marks.ts'
import { nestsSequences } from './nests.ts'
import { inputOf, isDataCode, type Unit } from './place.ts'
import { QUICK } from './quick-calls.ts'
import { openFrame } from './scope.ts'
import { heldCalls } from './tail-calls.ts'

export type Run = (input: unknown, bindings?: object) => unknown

export interface Program {
  readonly run: Run
  /** The natives that it calls by name: none of them may be bound. */
  readonly trusted: readonly string[]
  readonly source: string
}

export interface Source {
  readonly tree: SyntaxNode
  readonly guard: Guard
  readonly natives: ReadonlyMap<string, Native>
  /** See `Unit`. */
  readonly bare: boolean
  readonly regexEngine: unknown
}

/** Throws `Uncompilable`. Calls of natives are direct, until bindings come that have taken the name of one. */
export function programOf(source: Source): Program {
  let general: Run | undefined
  return written(source, (input, bindings) => {
    general ??= written(source, undefined).run
    return general(input, bindings)
  })
}

/** `whenShadowed`: what is run where a name is taken; undefined when every name is looked up. */
function written({ tree, guard, natives, bare, regexEngine }: Source, whenShadowed: Run | undefined): Program {
  const code = new Code()
  const writes = [...nodesOf(tree)].some(({ type }) => type === 'transform')
  // Its pattern can reach whatever there is.
  if (writes) code.line('input = copyOf(input); bindings = copyOf(bindings)')
  const names = tupleNames(tree)
  const unit: Unit = {
    bare,
    code,
    guard,
    natives,
    regexEngine,
    shadowed: whenShadowed === undefined,
    trusted: new Set(),
    held: heldCalls(tree),
    marked: markedNatives(tree, natives),
    nests: nestsSequences(tree, natives),
    writes,
    isMixed: [...nodesOf(tree)].some(({ type }) => type === 'wildcard' || type === 'descendant'),
    tupleNames: names,
    hasTuples: [...nodesOf(tree)].some((node) => node.tuple === true),
    regexes: regexesOf(tree),
    globals: new Map(),
    globalsLine: code.reserve(),
  }
  const scope = openFrame(code, undefined, [tree])
  // Asked first, since an input is seldom an array; and read as `input`, of which the engine then knows the shape.
  code.line(`const isRecord = ${isDataCode('input', unit)}`)
  code.line('const root = isRecord || !Array.isArray(input) ? input : wrapInput(input)')
  const root = { ...inputOf(code, 'root'), object: 'input', data: 'isRecord' }
  const value = emit(tree, { unit, scope, input: root, compact: false, anonymous: false }, true)
  const trusted = [...unit.trusted]
  const evaluation = entry(`${code.text()}\nreturn ${value.js}`)
  const source = trusted.length === 0 ? evaluation : `${shadowCheck(trusted, whenShadowed, code)}\n${evaluation}`
  return { run: built(source, code.constants, guard), trusted, source }
}

/** Part of the code, not a function around it: that would be one function for all programs, which none could inline. */
function shadowCheck(trusted: readonly string[], whenShadowed: Run | undefined, code: Code): string {
  const isShadowed = (bindings: object) => trusted.some((name) => Object.hasOwn(bindings, name))
  const test = `bindings !== undefined && ${code.constant(isShadowed)}(bindings)`
  return `if (${test}) return ${code.constant(whenShadowed)}(input, bindings)`
}

function tupleNames(tree: SyntaxNode): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { focus, index, ancestor, stages, type, slot } of nodesOf(tree)) {
    if (typeof focus === 'string') names.add(focus)
    if (typeof index === 'string') names.add(index)
    if (ancestor !== undefined) names.add((ancestor as { label: string }).label)
    if (type === 'parent') names.add((slot as { label: string }).label)
    for (const stage of (stages ?? []) as SyntaxNode[]) if (stage.type === 'index') names.add(stage.value as string)
  }
  return names
}

function regexesOf(tree: SyntaxNode): ReadonlyMap<unknown, RegExp> {
  const regexes = new Map<unknown, RegExp>()
  for (const { type, value, position } of nodesOf(tree)) {
    if (type === 'regex' && value instanceof RegExp) regexes.set(position, value)
  }
  return regexes
}

/** The only place where text becomes code: text that `Code` has put together of its own words. */
function built(body: string, constants: readonly unknown[], guard: Guard): Run {
  const helpers = Object.keys(runtime)
  const prelude = [
    `const { ${helpers.join(', ')} } = R`,
    ...constants.map((_, index) => `const k${index} = K[${index}]`),
    PRELUDE,
    QUICK,
  ]
  const text = `'use strict'\n${prelude.join('\n')}\nreturn (input, bindings) => {\n${body}\n}`
  return new Function('R', 'K', 'G', text)(runtime, constants, guard) as Run
}

/** Small functions that every program has for itself, so that the engine learns the shapes of its own data. */
const PRELUDE = `
const UNBOUND = Symbol('unbound')
const hasOwn = (bindings, name) => bindings !== undefined && bindings !== null && Object.hasOwn(bindings, name)
const prototypeOf = Object.getPrototypeOf
const objectPrototype = Object.prototype
const isData = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  if (value._jsonata_lambda === true || value._jsonata_function === true) return false
  const prototype = prototypeOf(value)
  return prototype === objectPrototype || prototype === null
}
const isFunction = (value) => {
  if (typeof value !== 'object') return typeof value === 'function'
  return value !== null && (value._jsonata_function === true || value._jsonata_lambda === true)
}
/** What $ is: an input that is an array comes wrapped. */
const self = (input) => typeof input === 'object' && input !== null && input.outerWrapper ? input[0] : input
const unwrap = (value) => Array.isArray(value) && value.sequence === true ? unwrapSequence(value) : value
const areNumbers = (items) => {
  if (!Array.isArray(items)) return false
  for (let i = 0; i < items.length; i++) if (typeof items[i] !== 'number') return false
  return true
}
const areStrings = (items) => {
  if (!Array.isArray(items)) return false
  for (let i = 0; i < items.length; i++) if (typeof items[i] !== 'string') return false
  return true
}
const areObjects = (items) => {
  if (!Array.isArray(items)) return false
  for (let i = 0; i < items.length; i++) if (!isData(items[i])) return false
  return true
}
const isShort = (items) => {
  if (items === undefined || items === null || items.tupleStream) return false
  return !Array.isArray(items) || (items.length > 0 && items.length <= 1000)
}
/** False where it takes more: a name that a digit begins comes before others, and one with an underscore may be forbidden. */
const putInGroup = (names, groups, name, item) => {
  if (typeof name !== 'string' || item === undefined || Array.isArray(item)) return false
  let at = 0
  while (at < names.length && names[at] !== name) at++
  if (at === names.length) {
    const first = name.charCodeAt(0)
    if (at > 8 || first === 95 || (at > 0 && first >= 48 && first <= 57)) return false
    names.push(name)
    groups.push(item)
  } else if (Array.isArray(groups[at])) groups[at].push(item)
  else groups[at] = [groups[at], item]
  return true
}`

/** Only functions can recurse without end, and only code that names the guard can use something up. */
function entry(source: string): string {
  const begin = /\bG\b|k\d+\(|call\(/.test(source) ? 'G.reset()\n' : ''
  if (!/new Lambda/.test(source)) return `${begin}${source}`
  return `${begin}try {\n${source}\n} catch (thrown) { throw overflowed(thrown, G.limits.depth) }`
}
