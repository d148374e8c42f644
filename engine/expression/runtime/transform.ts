import { apply, Lambda, Native, type Signature, TailCall } from './apply.ts'
import { fail } from './failure.ts'
import type { Part } from './group.ts'
import { type Data, isArrayOfStrings, isFunction, keysOf } from './values.ts'

export interface Transform {
  readonly clone: () => unknown
  readonly pattern: Part
  readonly update: Part
  readonly updatePosition: number | undefined
  readonly remove: Part | undefined
  readonly removePosition: number | undefined
  readonly position: number
  readonly signature: Signature
}

/** `| pattern | update, delete |`: a function that changes a copy. */
export function transform(parts: Transform): Native {
  return new Native((value: unknown) => transformed(value, parts), parts.signature, 'obj')
}

function transformed(value: unknown, parts: Transform): unknown {
  if (value === undefined) return undefined
  const clone = parts.clone()
  if (!isFunction(clone)) fail('T2013', { position: parts.position })
  const copy = apply(clone, [value], null)
  const matches = parts.pattern(copy)
  if (matches === undefined) return copy
  const list = Array.isArray(matches) ? matches : [matches]
  for (let index = 0; index < list.length; index++) change(list[index], parts)
  return copy
}

function change(match: unknown, parts: Transform): void {
  const target = isOwnFunction(match) ? {} : match
  const update = parts.update(match)
  if (update !== undefined) {
    if (typeof update !== 'object' || update === null || Array.isArray(update)) {
      fail('T2011', { position: parts.updatePosition, value: update })
    }
    for (const name of keysOf(update)) assign(target, name, (update as Data)[name])
  }
  if (parts.remove !== undefined) remove(target, parts.remove(match), parts.removePosition)
}

/** The package would change the function itself, for all expressions. */
function isOwnFunction(match: unknown): boolean {
  return typeof match === 'function' || match instanceof Native || match instanceof Lambda || match instanceof TailCall
}

/** As the package: no field can be set on a text, number or null; `__proto__` makes none, and no object can be its own. */
function assign(match: unknown, name: string, value: unknown): void {
  if (name !== '__proto__') (match as Data)[name] = value
  else if (match === null) throw new TypeError('null has no prototype')
  else if (value === match && typeof match === 'object') throw new TypeError('an object is no prototype of itself')
}

function remove(match: unknown, names: unknown, position: number | undefined): void {
  if (names === undefined) return
  const list = Array.isArray(names) ? names : [names]
  if (!isArrayOfStrings(list)) fail('T2012', { position, value: names })
  if (typeof match === 'object' && match !== null) for (const name of list) delete (match as Data)[name]
}
