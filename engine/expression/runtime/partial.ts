/** Functions of which some arguments are given before the others. */

import { type Implementation, Lambda, Native, type Signature, TailCall } from './apply.ts'
import { fail } from './failure.ts'
import { isFunction } from './values.ts'

/** Stands for `?`. */
export const HOLE = Symbol('?')

/** `checkParameters` fails for parameters that the package cannot read. */
export function partial(
  procedure: unknown,
  args: readonly unknown[],
  token: unknown,
  position: number,
  checkParameters: (parameters: string) => number,
): unknown {
  if (procedure instanceof Lambda) return partially(procedure.body, procedure.arity, args)
  if (procedure instanceof Native) {
    return partially(anyTypes(procedure), checkParameters(procedure.parameters), args)
  }
  if (typeof procedure === 'function') {
    return partially(procedure as Implementation, checkParameters(parametersOf(procedure)), args)
  }
  if (procedure instanceof TailCall) return partially(() => procedure.run?.(), 0, args)
  if (isFunction(procedure)) throw new TypeError('data that is marked as a function has no parameters')
  return fail('T1008', { position, token })
}

function anyTypes({ implementation, unchecked, signature }: Native): Implementation {
  if (unchecked === implementation || signature === undefined) return implementation
  return (...args: never[]) => (fits(signature, args) ? implementation(...args) : unchecked(...args))
}

function fits(signature: Signature, args: readonly unknown[]): boolean {
  try {
    const taken = signature.validate(args, undefined)
    return taken.length === args.length && taken.every((value, index) => Object.is(value, args[index]))
  } catch {
    return false
  }
}

function partially(body: Implementation, arity: number, args: readonly unknown[]): Lambda {
  const given = Array.from({ length: arity }, (_, index) => args[index])
  const holes = [...given.keys()].filter((index) => isHole(given[index]))
  const filled = (...rest: unknown[]) => {
    const all = [...given]
    holes.forEach((hole, index) => {
      all[hole] = rest[index]
    })
    return body(...(all as never[]))
  }
  return new Lambda(holes.length, undefined, filled, undefined, false)
}

/** Data that looks like the node of a `?` counts as one in the package. */
function isHole(value: unknown): boolean {
  if (value === HOLE) return true
  const { type, value: sign } = (value ?? {}) as { readonly type?: unknown; readonly value?: unknown }
  return type === 'operator' && sign === '?'
}

/** As its text says; those that the engine wraps take any number. */
function parametersOf(procedure: object): string {
  const { parameters } = procedure as { readonly parameters?: string }
  return parameters ?? '...params'
}
