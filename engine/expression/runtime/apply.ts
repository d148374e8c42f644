/** Function values and how they are applied. */

import { fail, type Thrown } from './failure.ts'
import { textOfArguments } from './function-texts.ts'
import { isFunction, isLambda } from './values.ts'

/** A parsed signature, as the package makes it. */
export interface Signature {
  readonly definition: string
  validate(args: readonly unknown[], context: unknown): unknown[]
}

export type Implementation = (...args: never[]) => unknown

interface Named {
  /** Where it was last called by name, which errors from within it then say. */
  token?: unknown
  position?: number
}

/** `function($x) { ... }`: its input and variables are in the closure. */
export class Lambda implements Named {
  readonly _jsonata_lambda = true
  readonly arity: number
  readonly signature: Signature | undefined
  readonly body: Implementation
  /** What it was written for: its context where a function of the language calls it as it stands. */
  readonly input: unknown
  /** False for a partial application, which the package's functions cannot call as it stands. */
  readonly isWritten: boolean
  token?: unknown
  position?: number

  constructor(arity: number, signature: Signature | undefined, body: Implementation, input: unknown, isWritten = true) {
    this.arity = arity
    this.signature = signature
    this.body = body
    this.input = input
    this.isWritten = isWritten
  }
}

/** A function of the language, of an option, or a transform. */
export class Native implements Named {
  readonly _jsonata_function = true
  readonly implementation: Implementation
  readonly signature: Signature | undefined
  /** Its parameters as its text writes them: what a partial application goes by. */
  readonly parameters: string
  /** What it does with arguments of other types than its signature says; a partial application looks at no types. */
  readonly unchecked: Implementation
  token?: unknown
  position?: number

  constructor(
    implementation: Implementation,
    signature: Signature | undefined,
    parameters: string,
    unchecked = implementation,
  ) {
    this.implementation = implementation
    this.signature = signature
    this.parameters = parameters
    this.unchecked = unchecked
  }

  get arity(): number {
    return this.implementation.length
  }

  /** What the package's own object for it holds. */
  fields(): Record<string, unknown> {
    const { _jsonata_function, implementation, signature, token, position } = this
    const all = { _jsonata_function, implementation, signature, token, position }
    return Object.fromEntries(Object.entries(all).filter(([, field]) => field !== undefined))
  }
}

/** A call in the last place of a function: made by whoever called that function, so that the stack does not grow. */
export class TailCall implements Named {
  /** The function, and then its arguments. */
  readonly prepare: () => [unknown, ...unknown[]]
  /** Makes the call, where it was handed on instead (by a predicate or a group) and is called as a function. */
  readonly run: (() => unknown) | undefined
  token?: unknown
  position?: number

  constructor(prepare: () => [unknown, ...unknown[]], run?: () => unknown) {
    this.prepare = prepare
    this.run = run
  }

  /** Where it is handed on, it is a function without parameters. */
  get _jsonata_lambda(): boolean {
    return true
  }

  get arity(): number {
    return 0
  }
}

/** A procedure before its arguments are looked at, in a tail call. */
export function tailProcedure(procedure: unknown, name: string | undefined, position: number): unknown {
  if (procedure === null || (typeof procedure !== 'object' && typeof procedure !== 'function')) {
    throw new TypeError('what is called is not a function')
  }
  const named: Named = isData(procedure)
    ? new Lambda(0, undefined, () => refuse(procedure), undefined)
    : (procedure as Named)
  const token = name ?? (procedure as Named).token
  if (token !== undefined) named.token = token
  named.position = position
  return named
}

export function call(
  procedure: unknown,
  args: unknown[],
  input: unknown,
  token: unknown,
  position: number | undefined,
): unknown {
  try {
    if (procedure === null) throw new TypeError('what is called is not a function')
    if (procedure instanceof Lambda || procedure instanceof Native || procedure instanceof TailCall) {
      procedure.token = token
      if (position !== undefined) procedure.position = position
    }
    // The package would write into the data where it was called.
    if (isData(procedure)) return refuse(procedure)
    return apply(procedure, args, input)
  } catch (thrown) {
    const error = thrown as Thrown
    if (typeof error === 'object' && error !== null) {
      if (!error.position) error.position = position
      if (!error.token) error.token = token
    }
    throw thrown
  }
}

export function apply(procedure: unknown, args: unknown[], input: unknown): unknown {
  let result = applyOnce(procedure, args, input)
  while (result instanceof TailCall) {
    const [next, ...nextArgs] = result.prepare()
    result = applyOnce(next, nextArgs, input)
  }
  return refuseTail(result)
}

/** Data that is marked as a call in the last place of a function cannot be handed on by one: it has no body. */
function refuseTail(result: unknown): unknown {
  if (isLambda(result) && (result as { readonly thunk?: unknown }).thunk === true) {
    throw new TypeError('data that is marked as a call cannot be made')
  }
  return result
}

function applyOnce(procedure: unknown, args: unknown[], input: unknown): unknown {
  try {
    if (procedure instanceof Lambda) {
      const { signature, body } = procedure
      const checked = signature === undefined ? args : signature.validate(args, input)
      return body(...(checked as never[]))
    }
    if (procedure instanceof Native) {
      const { signature, implementation } = procedure
      const checked = signature === undefined ? args : signature.validate(args, input)
      return implementation.apply(input, checked as never[])
    }
    if (typeof procedure === 'function') return procedure.apply(input, args)
    if (procedure instanceof TailCall) return procedure.run?.()
    return refuse(procedure)
  } catch (thrown) {
    if (procedure) throw within(thrown, procedure as Named)
    throw thrown
  }
}

function within(thrown: unknown, procedure: Named): unknown {
  if (typeof thrown !== 'object' || thrown === null) return thrown
  const error = thrown as Thrown
  if (error.token === undefined && procedure.token !== undefined) error.token = procedure.token
  error.position = procedure.position || error.position
  return thrown
}

/** Objects and arrays, also those that are marked as functions. */
function isData(procedure: unknown): procedure is object {
  if (typeof procedure !== 'object' || procedure === null) return false
  return !(procedure instanceof Lambda || procedure instanceof Native || procedure instanceof TailCall)
}

function refuse(procedure: unknown): never {
  const hasSignature = isData(procedure) && (procedure as { readonly signature?: unknown }).signature !== undefined
  if (hasSignature || isFunction(procedure)) throw new TypeError('data that looks like a function cannot be called')
  return fail('T1006')
}

type Wrapped = ((...args: unknown[]) => unknown) & { arity?: number }

/** What a function is as an argument: a plain one, without a name and a place. */
export function argument(value: unknown): unknown {
  if (!isFunction(value)) return value
  const wrapped: Wrapped = (...args) => apply(value, args, null)
  wrapped.arity = arityOf(value)
  wrapped.toString = textOfArguments
  return wrapped
}

/** Data that is marked as a function can say anything about itself, or nothing at all. */
export function arityOf(value: unknown): number {
  const { arity, length } = value as { arity?: unknown; length?: unknown }
  if (typeof arity === 'number') return arity
  if (typeof length === 'number') return length
  return (value as { arguments: { length: number } }).arguments.length
}

/** Calls a function as the higher-order functions of the language do, which hand in only what it takes. */
export function invoke(procedure: unknown, args: unknown[]): unknown {
  if (typeof procedure === 'function') return procedure(...args)
  if (procedure instanceof Lambda && procedure.isWritten) return apply(procedure, args, procedure.input)
  if (procedure instanceof TailCall) return apply(procedure, args, null)
  throw new TypeError('not a function')
}

/** The result of a function that may end in a tail call; `input` is the context of whoever called the function. */
export function settled(result: unknown, input: unknown): unknown {
  if (!(result instanceof TailCall)) return refuseTail(result)
  const [next, ...args] = result.prepare()
  return apply(next, args, input)
}
