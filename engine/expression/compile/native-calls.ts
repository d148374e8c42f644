import type { Native } from '../runtime/apply.ts'
import {
  ANY,
  ARRAY,
  BOOLEAN,
  can,
  FUNCTION,
  NUMBER,
  OBJECT,
  type Place,
  RAW,
  STRING,
  UNDEFINED,
  type Value,
} from './place.ts'

/** How a native is called when its arguments are of the types of its signature. */
export interface DirectCall {
  /** A JavaScript condition; empty when it always holds. */
  readonly test: string
  readonly js: string
  /** It never fails once the test holds. */
  readonly safe: boolean
  /** A JavaScript condition under which it yields nothing. */
  readonly nothing?: string
}

/** Undefined for calls that leave out arguments which the context stands in for. */
export function guardsOf(name: string, native: Native, args: readonly Value[], place: Place): DirectCall | undefined {
  const parameters = native.signature === undefined ? undefined : parametersOf(native.signature.definition)
  if (parameters === undefined) return undefined
  const given = withContext(args, parameters, place)
  if (given.length > parameters.length) return undefined
  if (parameters.slice(given.length).some(({ optional }) => !optional)) return undefined
  const tests: string[] = []
  for (const [index, value] of given.entries()) {
    const test = testOf(parameters[index] as Parameter, value)
    if (test === undefined) return undefined
    if (test !== '') tests.push(test)
  }
  const implementation = place.unit.code.constant(native.implementation)
  const call = `${implementation}(${given.map((value) => value.js).join(', ')})`
  const test = tests.join(' && ')
  const [first] = given
  if (name === 'not' && first !== undefined) return quickNot(first.js, test, call)
  if (first === undefined || !can(first, UNDEFINED) || !NOTHING_OF_NOTHING.has(name))
    return { test, js: call, safe: SAFE.has(name) }
  const others = first.kinds === STRING || first.kinds === NUMBER ? tests : tests.slice(1)
  return { test, js: call, safe: SAFE.has(name), nothing: [`${first.js} === undefined`, ...others].join(' && ') }
}

function quickNot(js: string, test: string, call: string): DirectCall {
  const isBoolean = `typeof ${js} === 'boolean'`
  return { test: test && `${isBoolean} || ${test}`, js: `${isBoolean} ? !${js} : ${call}`, safe: false }
}

/** Functions that yield nothing where their first argument is nothing and the others are what they should be. */
const NOTHING_OF_NOTHING = new Set([
  ...['sum', 'max', 'min', 'average', 'substring', 'substringBefore', 'substringAfter', 'lowercase', 'uppercase'],
  ...[
    'length',
    'trim',
    'pad',
    'contains',
    'replace',
    'split',
    'join',
    'number',
    'floor',
    'ceil',
    'round',
    'abs',
    'sqrt',
  ],
  ...['power', 'toMillis', 'fromMillis', 'formatNumber', 'merge', 'reverse', 'map', 'filter'],
])

/** `$uppercase()` takes its one argument from the context. */
function withContext(args: readonly Value[], parameters: readonly Parameter[], place: Place): readonly Value[] {
  const [first] = parameters
  if (args.length > 0 || first?.context !== true) return args
  return [{ js: place.input.js, kinds: ANY }]
}

interface Parameter {
  readonly type: string
  readonly subtype: string | undefined
  readonly context: boolean
  readonly optional: boolean
}

/** Undefined for signatures that repeat a parameter. */
function parametersOf(definition: string): readonly Parameter[] | undefined {
  // Up to the colon of the result, not that of a function's.
  const text = /^<((?:[^<:]|<[^>]*>)*?)(?::.*)?>$/.exec(definition)?.[1] ?? ''
  if (text.includes('+')) return undefined
  const found = text.matchAll(/(\([^)]*\)|[a-z])(?:<([^>]*)>)?(-?)(\??)/g)
  return Array.from(found, ([, type = '', subtype, context, optional]) => ({
    type,
    subtype,
    context: context === '-',
    optional: optional === '?',
  }))
}

/** True when a call with so many arguments may take one from its context. */
export function contextOf(definition: string, given: number): boolean {
  const parameters = parametersOf(definition)
  if (parameters === undefined) return definition.includes('-')
  if (!parameters.some(({ context }) => context)) return false
  const [first, ...others] = parameters
  const isForFirst = given === 1 && others.every(({ optional, context }) => optional && !context)
  // One argument for the object of `$sift` and the like of it can still be the function; the others take any argument,
  // or else a context without fields.
  return given !== parameters.length && !(isForFirst && TAKES_FIRST.has(first?.type as string))
}

const TAKES_FIRST = new Set(['x', 'j', 's', 'n', 'b'])

/** Undefined when the value cannot be of the type. */
function testOf({ type, subtype }: Parameter, value: Value): string | undefined {
  const { js } = value
  switch (type) {
    case 's':
      return typed('string', STRING, value)
    case 'n':
      return typed('number', NUMBER, value)
    case 'b':
      return typed('boolean', BOOLEAN, value)
    case 'f':
      return can(value, FUNCTION) ? `typeof ${js} === 'function'` : undefined
    case 'x':
    case 'j':
      return can(value, FUNCTION | OBJECT) ? `!isFunction(${js})` : ''
    case 'o':
      return can(value, OBJECT) ? `isData(${js})` : undefined
    case 'a':
      return can(value, ARRAY) ? arrayTest(js, subtype) : undefined
    case '(nsb)':
      return `(typeof ${js} === 'number' || typeof ${js} === 'string' || typeof ${js} === 'boolean')`
    case '(sf)':
      return `(typeof ${js} === 'string' || typeof ${js} === 'function')`
    default:
      return undefined
  }
}

function typed(type: string, kind: number, value: Value): string | undefined {
  if (!can(value, kind)) return undefined
  return value.kinds === kind ? '' : `typeof ${value.js} === '${type}'`
}

function arrayTest(js: string, subtype: string | undefined): string | undefined {
  if (subtype === undefined) return `Array.isArray(${js})`
  if (subtype === 'n') return `areNumbers(${js})`
  if (subtype === 's') return `areStrings(${js})`
  return subtype === 'o' ? `areObjects(${js})` : undefined
}

const SAFE = new Set([
  ...['sum', 'count', 'max', 'min', 'average', 'substring', 'substringBefore', 'substringAfter', 'lowercase'],
  ...['uppercase', 'length', 'trim', 'floor', 'ceil', 'abs', 'exists', 'merge', 'reverse', 'millis'],
])

const KINDS: Readonly<Record<string, number>> = {
  sum: NUMBER | UNDEFINED,
  count: NUMBER | UNDEFINED,
  max: NUMBER | UNDEFINED,
  min: NUMBER | UNDEFINED,
  average: NUMBER | UNDEFINED,
  string: STRING | UNDEFINED,
  substring: STRING | UNDEFINED,
  substringBefore: STRING | UNDEFINED,
  substringAfter: STRING | UNDEFINED,
  lowercase: STRING | UNDEFINED,
  uppercase: STRING | UNDEFINED,
  length: NUMBER | UNDEFINED,
  trim: STRING | UNDEFINED,
  contains: BOOLEAN | UNDEFINED,
  replace: STRING | UNDEFINED,
  join: STRING | UNDEFINED,
  number: NUMBER | UNDEFINED,
  floor: NUMBER | UNDEFINED,
  ceil: NUMBER | UNDEFINED,
  round: NUMBER | UNDEFINED,
  abs: NUMBER | UNDEFINED,
  boolean: BOOLEAN | UNDEFINED,
  not: BOOLEAN | UNDEFINED,
  exists: BOOLEAN,
  type: STRING | UNDEFINED,
}

export function resultKinds(name: string): number {
  return Object.hasOwn(KINDS, name) ? (KINDS[name] as number) : ANY | RAW
}
