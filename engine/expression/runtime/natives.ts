import type jsonata from 'jsonata'
import type { FunctionTable } from '../functions.ts'
import { CHECKS, type Check } from '../guards.ts'
import { jsonataPackage } from '../package.ts'
import { type Implementation, Native, type Signature } from './apply.ts'
import * as arrays from './arrays.ts'
import type { Guard } from './guard.ts'
import * as matches from './matches.ts'
import { append, lookup } from './paths.ts'
import * as strings from './strings.ts'
import { boolean, type Data, isTruthy, sequenceOf } from './values.ts'

/**
 * The functions of the language under the guard of one expression: own ones where the package's wait for promises, make
 * sequences or are used everywhere, and the package's own where those are synchronous. `makesBare`: the objects that they
 * make have no prototype.
 */
export function nativesFor(guard: Guard, functions: FunctionTable, makesBare: boolean): ReadonlyMap<string, Native> {
  const natives = new Map<string, Native>()
  const own = ownImplementations(guard, makesBare ? () => Object.create(null) : () => ({}))
  for (const [name, { implementation, signature, parameters }] of packageFunctions()) {
    const ours = own[name] ?? (name === 'toMillis' ? timed(implementation, guard) : implementation)
    const guardedOnes = guarded(name, ours, guard)
    const unchecked = OF_ANY_TYPE.has(name) ? guarded(name, plainly(implementation), guard) : guardedOnes
    natives.set(name, new Native(guardedOnes, signature, parameters, unchecked))
  }
  const { now, millis } = clockFunctions(() => guard.millis())
  natives.set('now', new Native(now, parseSignature(NOW), 'picture, timezone'))
  natives.set('millis', new Native(millis, parseSignature(MILLIS), ''))
  for (const [name, { signature, implementation }] of Object.entries(functions)) {
    const parsed = signature === undefined ? undefined : parseSignature(signature)
    natives.set(name, new Native(implementation, parsed, parameterNames(implementation)))
  }
  return natives
}

/** Hands a clock to the package's interpreter; the result is called before each evaluation, which is all at one time. */
export function tellTime(runnable: jsonata.Expression, clock: () => number): () => void {
  let time = 0
  const { now, millis } = clockFunctions(() => time)
  runnable.registerFunction('now', now, NOW)
  runnable.registerFunction('millis', millis, MILLIS)
  return () => {
    time = clock()
  }
}

const NOW = '<s?s?:s>'
const MILLIS = '<:n>'

function clockFunctions(time: () => number) {
  const fromMillis = packageFunctions().get('fromMillis')?.implementation as (...args: unknown[]) => unknown
  return { now: (picture?: unknown, zone?: unknown) => fromMillis(time(), picture, zone), millis: time }
}

/** Those of the package that do not wait for promises: they are themselves what they do with wrong types. */
const OF_ANY_TYPE = new Set([
  ...['sum', 'average', 'max', 'min', 'string', 'length', 'substring', 'boolean', 'not', 'keys', 'lookup', 'append'],
  ...['spread', 'merge', 'reverse', 'zip', 'distinct', 'clone'],
])

function plainly(implementation: Implementation): Implementation {
  const createSequence = (...values: unknown[]) => sequenceOf(values)
  return (...args) => implementation.apply({ createSequence }, args)
}

/** The package takes what a picture leaves open from the time of the evaluation. */
function timed(implementation: Implementation, guard: Guard): Implementation {
  const environment = {
    get timestamp() {
      return new Date(guard.millis())
    },
  }
  return (text: unknown, picture: unknown) => implementation.apply({ environment }, [text, picture] as never[])
}

function ownImplementations(guard: Guard, make: () => Data): Readonly<Record<string, Implementation>> {
  return {
    sum: arrays.sum,
    average: arrays.average,
    max: arrays.max,
    min: arrays.min,
    string: strings.string,
    length: strings.length,
    substring: strings.substring,
    contains: matches.contains,
    match: (text: string, regex: unknown, limit?: number) => matches.match(text, regex, limit, guard),
    split: matches.split,
    replace: matches.replace,
    boolean,
    not: (value: unknown) => (value === undefined ? undefined : !isTruthy(value)),
    map: (items: unknown[], procedure: unknown) => arrays.map(items, procedure, guard),
    filter: (items: unknown[], procedure: unknown) => arrays.filterItems(items, procedure, guard),
    single: arrays.single,
    reduce: arrays.reduce,
    each: (object: unknown, procedure: unknown) => arrays.each(object, procedure, guard),
    sift: (object: unknown, procedure: unknown) => arrays.sift(object, procedure, make),
    sort: (items: unknown[], comparator: unknown) => arrays.sort(items, comparator, guard),
    keys: (value: unknown) => arrays.keys(value, guard),
    lookup,
    append: (first: unknown, second: unknown) => append(first, second, guard),
    spread: (value: unknown) => arrays.spread(value, guard, make),
    merge: (objects: unknown[] | undefined) => arrays.merge(objects, make),
    reverse: arrays.reverse,
    zip: arrays.zip,
    distinct: (items: unknown) => arrays.distinct(items, guard),
    clone: (value: unknown) => (value === undefined ? undefined : JSON.parse(strings.string(value) as string)),
  }
}

/** With limits, arguments are looked at first and long texts are counted. */
function guarded(name: string, implementation: Implementation, guard: Guard): Implementation {
  const { limits } = guard
  if (limits.text === undefined && limits.made === undefined) return implementation
  const check: Check | undefined = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined
  if (check === undefined && !MAKES_TEXT.has(name)) return implementation
  const { length } = implementation
  const counted = (...args: unknown[]) => {
    check?.(args, limits, (characters) => guard.make(characters))
    const result = implementation(...(args as never[]))
    return typeof result === 'string' ? guard.text(result) : result
  }
  return Object.defineProperty(counted, 'length', { value: length })
}

/** Functions whose text can be longer than the texts that they take. */
const MAKES_TEXT = new Set(['string', 'join', 'pad', 'replace', 'base64encode', 'encodeUrl', 'encodeUrlComponent'])

interface PackageFunction {
  readonly implementation: Implementation
  readonly signature: Signature | undefined
  readonly parameters: string
}

let found: ReadonlyMap<string, PackageFunction> | undefined

/** The package hands its functions only to running expressions, and its hook runs before `evaluate` first awaits. */
function packageFunctions(): ReadonlyMap<string, PackageFunction> {
  if (found !== undefined) return found
  const functions = new Map<string, PackageFunction>()
  withEnvironment(jsonataPackage()('0'), (environment) => {
    for (const name of NAMES) {
      const { implementation, signature } = environment.lookup(name) as PackageFunction
      functions.set(name, { implementation, signature, parameters: parameterNames(implementation) })
    }
  })
  found = functions
  return found
}

export const NAMES: readonly string[] = [
  ...['sum', 'count', 'max', 'min', 'average', 'string', 'substring', 'substringBefore', 'substringAfter'],
  ...['lowercase', 'uppercase', 'length', 'trim', 'pad', 'match', 'contains', 'replace', 'split', 'join'],
  ...['formatNumber', 'formatBase', 'formatInteger', 'parseInteger', 'number', 'floor', 'ceil', 'round', 'abs'],
  ...['sqrt', 'power', 'random', 'boolean', 'not', 'map', 'zip', 'filter', 'single', 'reduce', 'sift', 'keys'],
  ...['lookup', 'append', 'exists', 'spread', 'merge', 'reverse', 'each', 'error', 'assert', 'type', 'sort'],
  ...['shuffle', 'distinct', 'base64encode', 'base64decode', 'encodeUrlComponent', 'encodeUrl'],
  ...['decodeUrlComponent', 'decodeUrl', 'toMillis', 'fromMillis', 'clone'],
]

const signatures = new Map<string, Signature>()

export function parseSignature(text: string): Signature {
  const known = signatures.get(text)
  if (known !== undefined) return known
  const probe = jsonataPackage()('0')
  let parsed: Signature | undefined
  probe.registerFunction('f', () => undefined, text)
  withEnvironment(probe, (environment) => {
    parsed = (environment.lookup('f') as PackageFunction).signature
  })
  signatures.set(text, parsed as Signature)
  return parsed as Signature
}

function withEnvironment(probe: jsonata.Expression, look: (environment: jsonata.Environment) => void): void {
  const hook = (_node: unknown, _input: unknown, environment: jsonata.Environment) => look(environment)
  probe.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, hook)
  void probe.evaluate(undefined)
}

/** What stands between the first parentheses of a function's text, as the package reads it. */
function parameterNames(implementation: unknown): string {
  return /\(([^)]*)\)/.exec(String(implementation))?.[1] ?? ''
}

/** How many parameters a native has for a partial application; those that the package cannot parse fail as there. */
export function countParameters(parameters: string): number {
  const names = parameters.split(',').map((name) => `$${name.trim()}`)
  jsonataPackage()(`function(${names.join(', ')}){ _ }`)
  return names.length
}
