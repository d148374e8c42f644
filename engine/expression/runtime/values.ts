/** What the values of an evaluation are, and how they compare: the meaning of `utils` in the package. */

import { fail } from './failure.ts'

/**
 * An array with the package's marks. `sequence`: a result of several values, of which a single one stands for itself.
 * `keepSingleton`: not so. `outerWrapper`: it only wraps an input that is an array. `cons`: it was written as an array
 * in a path and is one value there. `tupleStream`: its items are bindings.
 */
export interface Sequence extends Array<unknown> {
  sequence?: boolean
  keepSingleton?: boolean
  outerWrapper?: boolean
  tupleStream?: boolean
  readonly cons?: boolean
}

export type Data = { [name: string]: unknown }

export function sequenceOf(items: unknown[]): Sequence {
  const sequence = items as Sequence
  sequence.sequence = true
  return sequence
}

export function isSequence(value: unknown): value is Sequence {
  return Array.isArray(value) && (value as Sequence).sequence === true
}

interface Callable {
  readonly _jsonata_function?: unknown
  readonly _jsonata_lambda?: unknown
}

export function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true
  if (typeof value !== 'object' || value === null) return false
  return (value as Callable)._jsonata_function === true || (value as Callable)._jsonata_lambda === true
}

export function isLambda(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value as Callable)._jsonata_lambda === true
}

/** An object whose fields can be read without asking whether they are its own, but for those of every object. */
export function isData(value: unknown): value is Data {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    (value as Callable)._jsonata_lambda !== true &&
    (value as Callable)._jsonata_function !== true
  )
}

/** Throws D1001 for numbers beyond all bounds. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (!Number.isFinite(value)) fail('D1001', { value })
  return true
}

export function isArrayOfNumbers(value: unknown): value is number[] {
  if (!Array.isArray(value)) return false
  let all = true
  // Holes count as anything, here and below.
  value.forEach((item) => {
    if (!isNumeric(item)) all = false
  })
  return all
}

export function isArrayOfStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** What an expression yields for a value that it computed: one item of a sequence stands for itself. */
export function unwrap(value: unknown): unknown {
  return Array.isArray(value) && (value as Sequence).sequence === true ? unwrapSequence(value as Sequence) : value
}

/** The same after `[]`. */
export function unwrapKept(value: unknown): unknown {
  if (!isSequence(value) || value.tupleStream === true) return value
  value.keepSingleton = true
  return value.length === 0 ? undefined : value
}

export function unwrapSequence(sequence: Sequence): unknown {
  if (sequence.tupleStream || sequence.length > 1) return sequence
  if (sequence.length === 0) return undefined
  return sequence.keepSingleton ? sequence : sequence[0]
}

export function wrapInput(input: unknown): unknown {
  if (!Array.isArray(input) || isSequence(input)) return input
  const wrapper = sequenceOf([input])
  wrapper.outerWrapper = true
  return wrapper
}

export function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : []
}

/** Takes the prototype away, and with it the text that functions could ask the object for. */
export function bare(made: Data): Data {
  return Object.setPrototypeOf(made, null)
}

/** Assigning to `__proto__` would change the prototype instead. */
export function setField(target: Data, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true })
}

/** `$boolean`: undefined for nothing, and for a list of nothing alone. */
export function boolean(value: unknown): boolean | undefined {
  if (Array.isArray(value) && value.length === 1) return boolean(value[0])
  return value === undefined ? undefined : isTruthy(value)
}

export function isTruthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.length > 0
    case 'number':
      return isNumeric(value) && value !== 0
    case 'object':
      return value !== null && isTruthyObject(value)
    default:
      return false
  }
}

function isTruthyObject(value: object): boolean {
  if (!Array.isArray(value)) return !isFunction(value) && Object.keys(value).length > 0
  if (value.length === 1) return isTruthy(value[0])
  let any = false
  for (const item of value) if (isTruthy(item)) any = true
  return any
}

export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return Array.isArray(a) && Array.isArray(b) ? equalArrays(a, b) : equalObjects(a as Data, b as Data)
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index++) if (!deepEqual(a[index], b[index])) return false
  return true
}

function equalObjects(a: Data, b: Data): boolean {
  const names = Object.getOwnPropertyNames(a).sort()
  const others = Object.getOwnPropertyNames(b).sort()
  if (names.length !== others.length || names.some((name, index) => name !== others[index])) return false
  return names.every((name) => deepEqual(a[name], b[name]))
}
