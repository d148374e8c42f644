import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import jsonata from 'jsonata'
import { BUILTIN_NAMES } from './grammar/index.ts'

/**
 * The package's interpreter, which is right by definition, but for what would never end. Throws what it throws for text
 * that is no expression.
 */
export function reference(text: string): jsonata.Expression {
  ending ??= packageWith([ENDLESS_RANGE])
  return ending(text, OPTIONS)
}

/**
 * The interpreter without the faults of its own that compiled expressions do not have (see REPAIRS): what it says is as
 * right as what the package says.
 */
export function repairedReference(text: string): jsonata.Expression {
  repaired ??= packageWith([ENDLESS_RANGE, ...REPAIRS])
  return repaired(text, OPTIONS)
}

/**
 * The package copies the left side of `?:` and `??` by way of JSON, which makes `{}` of a regular expression: it then
 * matches other texts, for ever. Such an evaluation counts as one that has used up its time.
 */
class Pattern extends RegExp {
  constructor(literal: RegExp) {
    super(literal)
    if (!(literal instanceof RegExp)) throw { code: 'D1012' }
  }
}

/**
 * The package formats numbers beyond all bounds for ever, and with an exponent what is 0 but no number: such a call counts
 * as one that has used up its time.
 */
function endWithoutBounds(native: Native): void {
  const { implementation } = native
  const ended = function (this: unknown, number: unknown, ...others: unknown[]) {
    if (isEndless(number, others[0])) throw { code: 'D1012' }
    return implementation.call(this, number, ...others)
  }
  // A partial application reads the names of its parameters there.
  ended.toString = () => String(implementation)
  native.implementation = ended
}

function isEndless(number: unknown, picture: unknown): boolean {
  if (typeof number === 'object' && number !== null && !Array.isArray(number)) return false
  const size = Math.abs(Number(number))
  if (size === Number.POSITIVE_INFINITY) return true
  return typeof number !== 'number' && size === 0 && /e/i.test(String(picture))
}

/**
 * The package notes on its own functions where they were called last, in whatever expression, and blames that place for
 * errors of calls that it has not noted (`$map(w, $number)`); and a transform can change them for all expressions. A
 * judge must not depend on what ran before.
 */
export function forgetCalls(): void {
  for (const { native, fields } of NATIVES) {
    for (const name of Object.keys(native)) if (!Object.hasOwn(fields, name)) Reflect.deleteProperty(native, name)
    Object.assign(native, fields)
  }
}

let ending: typeof jsonata | undefined
let repaired: typeof jsonata | undefined

function packageWith(repairs: readonly Repair[]): typeof jsonata {
  const source = readFileSync(createRequire(import.meta.url).resolve('jsonata'), 'utf8')
  const changed = repairs.reduce((text, { fault, find, replacement }) => {
    if (!text.includes(find)) throw new Error(`the package has changed where it had the fault: ${fault}`)
    return text.replaceAll(find, replacement)
  }, source)
  const module = { exports: {} }
  new Function('module', 'exports', 'oneByOne', changed)(module, module.exports, oneByOne)
  NATIVES.push(...nativesOf(module.exports as typeof jsonata))
  return module.exports as typeof jsonata
}

interface Repair {
  readonly fault: string
  readonly find: string
  readonly replacement: string
}

/** Such a range counts as one that has used up its time. */
const ENDLESS_RANGE: Repair = {
  fault: 'a range of numbers that are so large that one more leaves them as they are grows until the process dies',
  find: 'result = new Array(size);',
  replacement: `if (!Number.isSafeInteger(lhs) || !Number.isSafeInteger(rhs)) throw { code: 'D1012' }
        result = new Array(size);`,
}

const REPAIRS: readonly Repair[] = [
  {
    fault: 'of the parts of an array that fail, the one that took the fewest turns of the event loop is reported',
    find: `await Promise.all(expr.expressions
                    .map(async`,
    replacement: 'await (oneByOne(expr.expressions, async',
  },
  {
    fault: 'of the parts of an object that fail, the one that took the fewest turns of the event loop is reported',
    find: 'await Promise.all(utils.keys(groups).map(async',
    replacement: 'await (oneByOne(utils.keys(groups), async',
  },
  {
    fault: 'making an object, or grouping, puts an undefined into an empty list of the data',
    find: 'input.push(undefined)',
    replacement: 'input = [undefined]',
  },
  {
    fault: 'an error loses its code where the value that its message shows contains itself',
    find: 'return JSON.stringify(err[arguments[1]])',
    replacement: 'try { return JSON.stringify(err[arguments[1]]) } catch { return "" }',
  },
  {
    fault: 'an object of the data with a field tupleStream is taken for bindings',
    find: 'input && input.tupleStream',
    replacement: 'Array.isArray(input) && input.tupleStream',
  },
  {
    fault: 'a path with [] marks an array of the data, which shows where the names of its fields are asked for',
    find: 'resultSequence.keepSingleton = true',
    replacement: 'if (resultSequence.sequence) resultSequence.keepSingleton = true',
  },
  {
    fault: 'a transform changes functions that its pattern leads to, for all expressions',
    find: 'match[prop] = update[prop];',
    replacement: "if (typeof match.implementation !== 'function') match[prop] = update[prop];",
  },
  {
    fault: 'an object of the data with a field outerWrapper is taken for a wrapped list',
    find: 'input && input.outerWrapper',
    replacement: 'Array.isArray(input) && input.outerWrapper',
  },
]

async function oneByOne<T, R>(parts: readonly T[], evaluate: (part: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const [index, part] of parts.entries()) results.push(await evaluate(part, index))
  return results
}

/** Milliseconds: nothing that the grammar writes takes so long, except recursion without end. */
const PATIENCE = 300

const OPTIONS = { timeout: PATIENCE, RegexEngine: Pattern as RegExpConstructor }

interface Native {
  implementation: (this: unknown, ...args: unknown[]) => unknown
}

interface Known {
  readonly native: Native
  /** What it has when nothing has run. */
  readonly fields: Native
}

const NATIVES: Known[] = nativesOf(jsonata)

/** The package hands its functions only to running expressions; its hook runs before `evaluate` first awaits. */
function nativesOf(made: typeof jsonata): Known[] {
  const found: Native[] = []
  const probe = made('0')
  const hook = (_node: unknown, _input: unknown, environment: jsonata.Environment) => {
    for (const name of BUILTIN_NAMES) found.push(environment.lookup(name))
  }
  probe.assign(Symbol.for('jsonata.__evaluate_entry') as unknown as string, hook)
  void probe.evaluate(undefined)
  for (const [index, name] of [...BUILTIN_NAMES].entries()) {
    if (name.startsWith('format')) endWithoutBounds(found[index] as Native)
  }
  return found.map((native) => ({ native, fields: { ...native } }))
}
