/** The functions of numbers, arrays and objects, and those that take functions. */

import { arityOf, invoke, Native } from './apply.ts'
import { fail } from './failure.ts'
import type { Guard } from './guard.ts'
import { checkSorted, sortItems } from './sort.ts'
import {
  boolean,
  type Data,
  deepEqual,
  isArrayOfNumbers,
  isArrayOfStrings,
  isFunction,
  isLambda,
  isSequence,
  keysOf,
  sequenceOf,
  setField,
} from './values.ts'

type Items = unknown[] | undefined

export function sum(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined) return undefined
  if (!Array.isArray(numbers)) throw new TypeError('not an array')
  return numbers.reduce((total, number) => total + number, 0)
}

export function average(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined || numbers.length === 0) return undefined
  return (sum(numbers) as number) / numbers.length
}

export function max(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined || numbers.length === 0) return undefined
  // Anything at all comes from a partial application, which checks no types.
  if (!Array.isArray(numbers)) return Math.max.apply(Math, numbers)
  let most = Number.NEGATIVE_INFINITY
  for (const number of numbers) most = Math.max(most, number)
  return most
}

export function min(numbers: number[] | undefined): number | undefined {
  if (numbers === undefined || numbers.length === 0) return undefined
  // Anything at all comes from a partial application, which checks no types.
  if (!Array.isArray(numbers)) return Math.min.apply(Math, numbers)
  let least = Number.POSITIVE_INFINITY
  for (const number of numbers) least = Math.min(least, number)
  return least
}

/** Hands a function the value, and where it is and in what, as far as the function takes them. */
function callWith(procedure: unknown, arity: number, value: unknown, place: unknown, whole: unknown): unknown {
  if (typeof procedure !== 'function') {
    return invoke(procedure, [value, place, whole].slice(0, Math.max(1, Math.min(arity, 3))))
  }
  if (arity >= 3) return procedure(value, place, whole)
  return arity === 2 ? procedure(value, place) : procedure(value)
}

export function map(items: Items, procedure: unknown, guard: Guard): unknown {
  if (items === undefined) return undefined
  const results: unknown[] = []
  const arity = items.length > 0 ? arityOf(procedure) : 0
  guard.tick(items.length)
  for (let index = 0; index < items.length; index++) {
    const result = callWith(procedure, arity, items[index], index, items)
    if (result !== undefined) results.push(result)
  }
  guard.checkLength(results.length)
  return sequenceOf(results)
}

export function filterItems(items: Items, procedure: unknown, guard: Guard): unknown {
  if (items === undefined) return undefined
  const kept: unknown[] = []
  const arity = items.length > 0 ? arityOf(procedure) : 0
  guard.tick(items.length)
  for (let index = 0; index < items.length; index++) {
    if (boolean(callWith(procedure, arity, items[index], index, items))) kept.push(items[index])
  }
  guard.checkLength(kept.length)
  return sequenceOf(kept)
}

export function single(items: Items, procedure?: unknown): unknown {
  if (items === undefined) return undefined
  let found: { readonly item: unknown } | undefined
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    const matches = procedure === undefined || boolean(callWith(procedure, arityOf(procedure), item, index, items))
    if (!matches) continue
    if (found !== undefined) fail('D3138', { index })
    found = { item }
  }
  return found === undefined ? fail('D3139') : found.item
}

export function reduce(items: Items, procedure: unknown, initial?: unknown): unknown {
  if (items === undefined) return undefined
  const arity = arityOf(procedure)
  if (arity < 2) fail('D3050', { index: 1 })
  const fromFirst = initial === undefined && items.length > 0
  let result = fromFirst ? items[0] : initial
  for (let index = fromFirst ? 1 : 0; index < items.length; index++) {
    const args = [result, items[index], index, items].slice(0, Math.min(arity, 4))
    result = typeof procedure === 'function' ? procedure(...args) : invoke(procedure, args)
  }
  return result
}

export function each(object: unknown, procedure: unknown, guard: Guard): unknown {
  const results: unknown[] = []
  const fields = fieldsOf(object)
  for (const name of keysOf(fields)) {
    const result = callWith(procedure, arityOf(procedure), fields[name], name, object)
    if (result !== undefined) results.push(result)
    guard.checkLength(results.length)
  }
  return sequenceOf(results)
}

export function sift(object: unknown, procedure: unknown, make: () => Data): unknown {
  const result = make()
  let some = false
  const fields = fieldsOf(object)
  for (const name of keysOf(fields)) {
    const value = fields[name]
    if (!boolean(callWith(procedure, arityOf(procedure), value, name, object))) continue
    setField(result, name, value)
    some = true
  }
  return some ? result : undefined
}

export function sort(items: Items, comparator: unknown, guard: Guard): unknown {
  if (items === undefined || items.length <= 1) return items
  if (comparator !== undefined && !Array.isArray(items)) return items
  if (comparator !== undefined && typeof comparator !== 'function') throw new TypeError('the comparator is no function')
  if (comparator !== undefined) return sortItems(items, (a, b) => invoke(comparator, [a, b]), guard)
  if (!isArrayOfNumbers(items) && !isArrayOfStrings(items)) fail('D3070', { index: 1 })
  checkSorted('$sort', items.length, guard)
  if ((items as unknown[]).includes(undefined)) return sortItems(items, (a, b) => (a as number) > (b as number), guard)
  return isArrayOfNumbers(items) ? items.slice().sort((a, b) => a - b) : items.slice().sort()
}

export function keys(value: unknown, guard: Guard): unknown {
  const names = Array.isArray(value) ? keysOfAll(value) : isFunction(value) ? [] : keysOf(value)
  guard.checkLength(names.length)
  return sequenceOf(names)
}

function keysOfAll(values: readonly unknown[]): string[] {
  const merged: Data = {}
  for (const value of values) {
    const names = Array.isArray(value) ? keysOfAll(value) : isFunction(value) ? [] : keysOf(value)
    for (const name of names) setField(merged, name, true)
  }
  // What all of them have makes a function of the package's own object, too.
  return isFunction(merged) ? [] : Object.keys(merged)
}

export function spread(value: unknown, guard: Guard, make: () => Data): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0) return sequenceOf([])
    let result: unknown = sequenceOf([])
    const plain: unknown[] = []
    for (const item of value) {
      const part = spread(item, guard, make)
      if (part === undefined) continue
      if (Array.isArray(part)) for (const one of part) plain.push(one)
      else plain.push(part)
      guard.checkLength(plain.length)
      result = plain
    }
    return result
  }
  if (value === null || typeof value !== 'object' || isLambda(value)) return value
  const whole = fieldsOf(value)
  const parts = Object.keys(whole).map((name) => {
    const part = make()
    setField(part, name, whole[name])
    return part
  })
  guard.checkLength(parts.length)
  return sequenceOf(parts)
}

/** A function of the language looks from inside as the package's own objects do. */
function fieldsOf(value: unknown): Data {
  return value instanceof Native ? value.fields() : (value as Data)
}

export function merge(objects: unknown[] | undefined, make: () => Data): unknown {
  if (objects === undefined) return undefined
  const result = make()
  for (const object of objects) {
    const fields = fieldsOf(object)
    for (const name of keysOf(fields)) setField(result, name, fields[name])
  }
  return result
}

export function reverse(items: Items): unknown {
  if (items === undefined || items.length <= 1) return items
  const { length } = items
  const result = new Array(length)
  for (let index = 0; index < length; index++) result[length - index - 1] = items[index]
  return result
}

export function zip(...arrays: unknown[]): unknown[] {
  const lengths = arrays.map((array) => (Array.isArray(array) ? array.length : 0))
  const shortest = Math.min(...lengths)
  return Array.from({ length: shortest }, (_, index) => arrays.map((array) => (array as unknown[])[index]))
}

/** Items that are equal to an earlier one are left out. */
export function distinct(items: unknown, guard: Guard): unknown {
  if (!Array.isArray(items) || items.length <= 1) return items
  checkSorted('$distinct', items.length, guard)
  const seen = new Set<unknown>()
  const objects: unknown[] = []
  const results: unknown[] = []
  for (let index = 0; index < items.length; index++) {
    const item = items[index]
    if (Number.isNaN(item)) results.push(item)
    else if (typeof item === 'object' && item !== null) {
      if (objects.some((other) => deepEqual(item, other))) continue
      objects.push(item)
      results.push(item)
    } else if (!seen.has(item)) {
      seen.add(item)
      results.push(item)
    }
  }
  return isSequence(items) ? sequenceOf(results) : results
}
