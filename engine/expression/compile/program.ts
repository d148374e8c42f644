import type { Native } from '../runtime/apply.ts'
import { fail } from '../runtime/failure.ts'
import type { Guard } from '../runtime/guard.ts'
import * as runtime from '../runtime/index.ts'
import { nodesOf, type SyntaxNode } from '../syntax.ts'
import { Code } from './code.ts'
import { emit } from './emit.ts'
import { inputOf, type Unit } from './place.ts'
import { openFrame } from './scope.ts'

export interface Program {
  readonly run: (input: unknown, bindings: object | undefined) => unknown
  /** The natives that it calls by name: none of them may be bound. */
  readonly trusted: readonly string[]
  readonly source: string
}

export interface Source {
  readonly tree: SyntaxNode
  readonly guard: Guard
  readonly natives: ReadonlyMap<string, Native>
  readonly regexEngine: unknown
  readonly shadowed: boolean
}

/** Throws `Uncompilable`. */
export function programOf({ tree, guard, natives, regexEngine, shadowed }: Source): Program {
  const code = new Code()
  const names = tupleNames(tree)
  const unit: Unit = {
    code,
    guard,
    natives,
    regexEngine,
    shadowed,
    trusted: new Set(),
    tupleNames: names,
    hasTuples: [...nodesOf(tree)].some((node) => node.tuple === true),
    globals: new Map(),
    globalsLine: code.reserve(),
  }
  const scope = openFrame(code, undefined, [tree])
  code.line('const root = Array.isArray(input) ? wrapInput(input) : input')
  const value = emit(tree, { unit, scope, input: inputOf(code, 'root'), compact: false, anonymous: false })
  const source = `${code.text()}\nreturn ${value.js}`
  const body = built(source, code.constants, guard)
  return { run: guardedRun(body, guard), trusted: [...unit.trusted], source }
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

type Run = Program['run']

/** The only place where text becomes code: text that `Code` has put together of its own words. */
function built(body: string, constants: readonly unknown[], guard: Guard): Run {
  const helpers = Object.keys(runtime)
  const prelude = [
    `const { ${helpers.join(', ')} } = R`,
    ...constants.map((_, index) => `const k${index} = K[${index}]`),
    PRELUDE,
  ]
  const text = `'use strict'\n${prelude.join('\n')}\nreturn (input, bindings) => {\n${body}\n}`
  return new Function('R', 'K', 'G', text)(runtime, constants, guard) as Run
}

/** Small functions that every program has for itself, so that the engine learns the shapes of its own data. */
const PRELUDE = `
const UNBOUND = Symbol('unbound')
const hasOwn = (bindings, name) => bindings !== undefined && bindings !== null && Object.hasOwn(bindings, name)
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
}`

function guardedRun(run: Run, guard: Guard): Run {
  return (input, bindings) => {
    guard.reset()
    try {
      return run(input, bindings)
    } catch (thrown) {
      if (isStackOverflow(thrown)) fail('D1011', { value: guard.limits.depth })
      throw thrown
    }
  }
}

function isStackOverflow(thrown: unknown): boolean {
  return thrown instanceof RangeError && /call stack/i.test(thrown.message)
}
