/**
 * What the guards of the package leave open: texts that double and ranges that grow until V8 gives up (which no handler
 * survives), and functions that need no loop of the expression to run for ever (J-3). The functions get a look at their
 * arguments first; every text that an evaluation makes is counted, and every end of a range looked at, by the hook that the
 * package calls after each step.
 */

import type jsonata from 'jsonata'
import { LimitReached, type Limits } from './limits.ts'
import { jsonataPackage } from './package.ts'
import { isAmbiguousPicture } from './picture.ts'
import { nodesOf, type SyntaxNode } from './syntax.ts'

/** Guards one compiled expression; the result is called before each evaluation. */
export function guard(runnable: jsonata.Expression, limits: Limits): () => void {
  let made = 0
  const count = (characters: number) => {
    made += characters
    if (characters > limits.text) throw new LimitReached(`makes a text of more than ${limits.text} characters`)
    if (made > limits.made) throw new LimitReached(`makes texts of more than ${limits.made} characters in all`)
  }
  const functions = nativeFunctions(Object.keys(CHECKS))
  for (const [name, native] of functions) runnable.assign(name, checked(native, CHECKS[name] as Check, limits, count))
  assignHook(runnable, 'jsonata.__evaluate_exit', both(countTexts(count), checkRanges(runnable)))
  return () => {
    made = 0
  }
}

/** Throws when the arguments are too much; `count` takes the length of a text that the function is going to make. */
export type Check = (args: readonly unknown[], limits: Partial<Limits>, count: (characters: number) => void) => void

export const CHECKS: Readonly<Record<string, Check>> = {
  pad: ([, width], _limits, count) => count(typeof width === 'number' ? Math.abs(width) : 0),
  join: ([texts, separator], _limits, count) => count(joinedLength(texts, separator)),
  replace: ([text, , replacement], limits) => {
    if (limits.text !== undefined && lengthOf(text) * lengthOf(replacement) > 64 * limits.text)
      throw new LimitReached('replaces in too long a text')
  },
  sort: ([items], limits) => checkItems('$sort', items, limits),
  distinct: ([items], limits) => checkItems('$distinct', items, limits),
  toMillis: ([text, picture]) => {
    checkPicture('$toMillis', picture)
    if (lengthOf(text) > MAX_PICTURE) throw new LimitReached('hands $toMillis too long a text')
    if (typeof picture === 'string' && isAmbiguousPicture(picture)) {
      throw new LimitReached('hands $toMillis a picture with too many parts that nothing separates')
    }
  },
  fromMillis: ([, picture]) => checkPicture('$fromMillis', picture),
  formatInteger: ([number, picture]) => {
    checkPicture('$formatInteger', picture)
    checkBounds('$formatInteger', number)
  },
  parseInteger: ([text, picture]) => {
    checkPicture('$parseInteger', picture)
    if (lengthOf(text) > MAX_PICTURE) throw new LimitReached('hands $parseInteger too long a text')
  },
  formatNumber: ([number, picture, symbols]) => {
    checkPicture('$formatNumber', picture)
    checkBounds('$formatNumber', number)
    checkZero(number)
    // An empty sign matches everywhere, and the package then strips it for ever.
    const signs = Object.values((symbols ?? {}) as object)
    if (signs.some((sign) => typeof sign !== 'string' || sign.length === 0 || sign.length > MAX_PICTURE)) {
      throw new LimitReached('hands $formatNumber symbols that are empty or too long')
    }
  },
}

const MAX_PICTURE = 100

function checkPicture(name: string, picture: unknown): void {
  if (lengthOf(picture) > MAX_PICTURE)
    throw new LimitReached(`hands ${name} a picture of more than ${MAX_PICTURE} characters`)
}

/** The package divides it until it is small, which takes for ever. JSON has such numbers: `1e400`. */
function checkBounds(name: string, number: unknown): void {
  if (Math.abs(Number(number)) === Number.POSITIVE_INFINITY)
    throw new LimitReached(`hands ${name} a number beyond all bounds`)
}

/** The package multiplies what is 0 but no number (an empty list, "") until it is large enough for an exponent. */
function checkZero(value: unknown): void {
  if (typeof value !== 'number' && Number(value) === 0) throw new LimitReached('hands $formatNumber what is no number')
}

function checkItems(name: string, items: unknown, limits: Partial<Limits>): void {
  if (Array.isArray(items) && limits.sorted !== undefined && items.length > limits.sorted) {
    throw new LimitReached(`hands ${name} more than ${limits.sorted} items`)
  }
}

function joinedLength(texts: unknown, separator: unknown): number {
  if (!Array.isArray(texts)) return 0
  return texts.reduce((sum: number, text) => sum + lengthOf(text) + lengthOf(separator), 0)
}

function lengthOf(text: unknown): number {
  return typeof text === 'string' ? text.length : 0
}

/** A function as the package keeps it. */
interface Native {
  readonly _jsonata_function: true
  readonly implementation: (this: unknown, ...args: unknown[]) => unknown
  readonly signature: unknown
}

function checked(native: Native, check: Check, limits: Limits, count: (characters: number) => void): unknown {
  const { implementation } = native
  function checkedImplementation(this: unknown, ...args: unknown[]): unknown {
    check(args, limits, count)
    return implementation.apply(this, args)
  }
  // The package reads the parameters of a partially applied function from its text, and its arity from its length.
  checkedImplementation.toString = () => implementation.toString()
  return { ...native, implementation: checkedImplementation, arity: implementation.length }
}

/** The package hands its functions only to running expressions, and its hook runs before `evaluate` first awaits. */
function nativeFunctions(names: readonly string[]): ReadonlyMap<string, Native> {
  const found = new Map<string, Native>()
  const probe = jsonataPackage()('0')
  assignHook(probe, 'jsonata.__evaluate_entry', (_node, _input, environment) => {
    for (const name of names) found.set(name, environment.lookup(name) as Native)
  })
  void probe.evaluate(undefined)
  return found
}

type Hook = (
  node: { readonly type: string; readonly value?: unknown },
  input: unknown,
  environment: jsonata.Environment,
  result?: unknown,
) => void

/** Joining and calling make texts; the other steps hand on what is there. */
function countTexts(count: (characters: number) => void): Hook {
  return (node, _input, _environment, result) => {
    if (typeof result === 'string' && (node.type === 'function' || node.value === '&')) count(result.length)
  }
}

/** A range of numbers that are so large that one more leaves them as they are grows until the process dies. */
function checkRanges(runnable: jsonata.Expression): Hook {
  const ranges = [...nodesOf(runnable.ast() as unknown as SyntaxNode)].filter(({ value }) => value === '..')
  const ends = new Set<unknown>(ranges.flatMap(({ lhs, rhs }) => [lhs, rhs]))
  return (node, _input, _environment, result) => {
    if (!ends.has(node)) return
    const end = Array.isArray(result) && result.length === 1 ? result[0] : result
    if (Number.isInteger(end) && !Number.isSafeInteger(end))
      throw new LimitReached('makes a range of too large numbers')
  }
}

function both(first: Hook, second: Hook): Hook {
  return (...step) => {
    first(...step)
    second(...step)
  }
}

/** Hooks are bound like variables, under a symbol. */
function assignHook(runnable: jsonata.Expression, name: string, hook: Hook): void {
  runnable.assign(Symbol.for(name) as unknown as string, hook)
}
