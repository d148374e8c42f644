/** What steps of a path do with values that are no plain objects, and filters, wildcards and descendants. */

import type { Guard } from './guard.ts'
import {
  isArrayOfNumbers,
  isFunction,
  isNumeric,
  isSequence,
  isTruthy,
  type Sequence,
  sequenceOf,
  unwrap,
} from './values.ts'

/** A field of an object, or of every object in an array; the result for an array is a sequence. */
export function lookup(input: unknown, name: string): unknown {
  if (Array.isArray(input)) return lookupAll(input, name)
  if (input === null || typeof input !== 'object' || !Object.hasOwn(input, name) || isFunction(input)) return undefined
  return (input as Record<string, unknown>)[name]
}

function lookupAll(items: readonly unknown[], name: string): Sequence {
  const found: unknown[] = []
  for (let index = 0; index < items.length; index++) {
    const value = lookup(items[index], name)
    if (Array.isArray(value)) addItems(found, value)
    else if (value !== undefined) found.push(value)
  }
  return sequenceOf(found)
}

/** Adds the result of a step for one item: arrays are flattened, once. */
export function addTo(list: unknown[], value: unknown): void {
  if (!Array.isArray(value) || (value as Sequence).cons) list.push(value)
  else addItems(list, value)
}

function addItems(list: unknown[], items: readonly unknown[]): void {
  for (let index = 0; index < items.length; index++) if (!isHole(items, index)) list.push(items[index])
}

/** A transform can delete items of an array, and leaves holes in it. */
function isHole(items: readonly unknown[], index: number): boolean {
  return items[index] === undefined && !(index in items)
}

export function withoutHoles(items: unknown[]): unknown[] {
  for (let index = 0; index < items.length; index++) if (isHole(items, index)) return items.filter(() => true)
  return items
}

/** The last step for a single item yields its array as it is, unless it is a sequence. */
export function lastArray(value: Sequence): unknown {
  if (value.sequence !== true) return value
  const list: unknown[] = []
  addTo(list, value)
  return finishList(list)
}

/** The value of a path that ended with these items. */
export function finishList(items: unknown[]): unknown {
  if (items.length > 1) return sequenceOf(items)
  return items.length === 0 ? undefined : items[0]
}

/** The value of a path with `[]` somewhere in it. */
export function finishKept(result: Sequence): unknown {
  const kept = asWritten(result)
  if (kept.sequence !== true) return kept
  kept.keepSingleton = true
  return kept.length === 0 ? undefined : kept
}

/** With `[]`, an array that is written in the path is one item. */
export function asWritten(result: Sequence): Sequence {
  return Array.isArray(result) && result.cons && !result.sequence ? sequenceOf([result]) : result
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : sequenceOf([value])
}

export type Predicate = (item: unknown, tuple?: unknown) => unknown

export function filter(input: unknown, predicate: Predicate, guard: Guard): Sequence {
  const kept = sequenceOf([])
  if ((input as Sequence | undefined | null)?.tupleStream) kept.tupleStream = true
  const items = asList(input) as Sequence
  guard.tick(items.length)
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const verdict = items.tupleStream ? predicate((item as { '@': unknown })['@'], item) : predicate(item)
    for (let times = timesKept(verdict, index, items.length); times > 0; times--) kept.push(item)
    if (kept.length > guard.sequence) guard.tooLong(guard.sequence)
  }
  return kept
}

/** Numbers are positions to keep, everything else is true or false. */
export function timesKept(verdict: unknown, index: number, length: number): number {
  if (typeof verdict === 'boolean') return verdict ? 1 : 0
  if (isNumeric(verdict)) return isAt(verdict, index, length) ? 1 : 0
  if (!isArrayOfNumbers(verdict)) return isTruthy(verdict) ? 1 : 0
  let times = 0
  for (const position of verdict) if (isAt(position, index, length)) times += 1
  return times
}

function isAt(position: number, index: number, length: number): boolean {
  const whole = Math.floor(position)
  return (whole < 0 ? length + whole : whole) === index
}

/** `[3]`, written as a number. */
export function itemAt(input: unknown, position: number): Sequence {
  const items = asList(input)
  const whole = Math.floor(position)
  const item = items[whole < 0 ? items.length + whole : whole]
  const result = Array.isArray(item) ? (item as Sequence) : sequenceOf(item === undefined ? [] : [item])
  if (!Array.isArray(item) && (input as Sequence | undefined | null)?.tupleStream) result.tupleStream = true
  return result
}

export function wildcard(context: unknown, guard: Guard): unknown {
  const wrapped = context as Sequence
  const input = Array.isArray(context) && wrapped.outerWrapper && context.length > 0 ? context[0] : context
  const results: unknown[] = []
  let plain = false
  if (input !== null && typeof input === 'object' && !isFunction(input)) {
    for (const name of Object.keys(input)) {
      const value = (input as Record<string, unknown>)[name]
      if (Array.isArray(value)) flattenInto(value, results)
      else results.push(value)
      // Joining arrays loses the mark of a sequence in the package.
      plain ||= Array.isArray(value)
      guard.checkLength(results.length)
    }
  }
  return plain ? results : sequenceOf(results)
}

function flattenInto(value: unknown, flat: unknown[]): void {
  if (Array.isArray(value)) for (const item of withoutHoles(value)) flattenInto(item, flat)
  else flat.push(value)
}

export function descendants(context: unknown, guard: Guard): unknown {
  if (context === undefined) return undefined
  const results: unknown[] = []
  descend(context, results, guard)
  return results.length === 1 ? results[0] : sequenceOf(results)
}

function descend(input: unknown, results: unknown[], guard: Guard): void {
  if (Array.isArray(input)) {
    for (const item of withoutHoles(input)) descend(item, results, guard)
    return
  }
  results.push(input)
  if (results.length > guard.sequence) guard.tooLong(guard.sequence)
  if (input === null || typeof input !== 'object' || isFunction(input)) return
  for (const name of Object.keys(input)) descend((input as Record<string, unknown>)[name], results, guard)
}

/** `$append`, and what the array constructor and grouping do. */
export function append(first: unknown, second: unknown, guard?: Guard): unknown {
  if (first === undefined) return second
  if (second === undefined) return first
  const items = Array.isArray(first) ? first : [first]
  const more = Array.isArray(second) ? second : [second]
  guard?.checkLength(items.length + more.length)
  return items.concat(more)
}

/** A path of names alone, from any value. */
export function namePath(context: unknown, names: readonly string[], keep: boolean, guard: Guard): unknown {
  const list = Array.isArray(context) ? context : [context]
  return stepThrough(list, names, 0, keep, guard)
}

/** A first name, for an input that is no plain object. */
export function namesStep(context: unknown, name: string, guard: Guard): unknown[] {
  return nameStep(Array.isArray(context) ? context : [context], name, false, guard)
}

/** The same from where a value was an array, after `at` names. */
export function restOfNames(items: unknown[], names: readonly string[], at: number, guard: Guard): unknown {
  const list: unknown[] = []
  addTo(list, items)
  return stepThrough(list, names, at, false, guard)
}

function stepThrough(items: unknown[], names: readonly string[], from: number, keep: boolean, guard: Guard): unknown {
  let list: Sequence = items
  for (let at = from; at < names.length; at++) {
    const isLast = at === names.length - 1
    list = nameStep(list, names[at] as string, isLast, guard)
    if (list.length === 0) break
  }
  return keep ? finishKept(list) : unwrap(list)
}

function nameStep(items: readonly unknown[], name: string, isLast: boolean, guard: Guard): Sequence {
  const list: unknown[] = []
  let count = 0
  let only: unknown
  guard.tick(items.length)
  for (let index = 0; index < items.length; index++) {
    const value = unwrap(lookup(items[index], name))
    if (value === undefined) continue
    count++
    only = value
    addTo(list, value)
    if (list.length > guard.sequence) guard.tooLong(guard.sequence)
  }
  if (isLast && count === 1 && Array.isArray(only) && !isSequence(only)) return only
  return sequenceOf(list)
}

/** A single value as the sequence that `[]` keeps. */
export function asKept(value: unknown): Sequence {
  if (value === undefined) return sequenceOf([])
  if (!Array.isArray(value)) return sequenceOf([value])
  if ((value as Sequence).sequence !== true) return value
  const list: unknown[] = []
  addTo(list, value)
  return sequenceOf(list)
}
