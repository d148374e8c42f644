/** Object constructors and grouping, where they are more than one object from one value; order-by. */

import { fail } from './failure.ts'
import type { Guard } from './guard.ts'
import { append } from './paths.ts'
import { checkSorted, sortItems } from './sort.ts'
import { type Data, keysOf, type Sequence, setField } from './values.ts'

/** Evaluates a part of an expression for an item; the tuple holds what the path has bound so far. */
export type Part = (item: unknown, tuple?: Data) => unknown

export interface Pair {
  readonly key: Part
  readonly value: Part
}

interface Entry {
  data: unknown
  readonly pair: number
  /** True once `data` is an array of its own, which can grow. */
  grown: boolean
}

export function group(input: unknown, pairs: readonly Pair[], position: number, guard: Guard): Data {
  const reduce = isTupleStream(input)
  const groups = collect(itemsOf(input, reduce), pairs, { reduce, position, guard })
  const result: Data = {}
  for (const [name, entry] of sortedLikeFields(groups)) {
    const value = fieldValue(entry, pairs[entry.pair] as Pair, reduce, guard)
    if (value !== undefined) setField(result, name, value)
  }
  return result
}

interface Key {
  readonly key: Part
  readonly position: number
}

/** Groups by one key: adds the names of the groups, and what the value of each is evaluated for. */
export function groupInto(
  names: string[],
  contexts: unknown[],
  input: unknown,
  { key, position }: Key,
  guard: Guard,
): void {
  const reduce = isTupleStream(input)
  const groups = collect(itemsOf(input, reduce), [{ key }], { reduce, position, guard })
  for (const [name, { data }] of sortedLikeFields(groups)) {
    names.push(name)
    contexts.push(reduce ? takeContext(reduceTuples(data, guard)) : data)
  }
}

function isTupleStream(input: unknown): boolean {
  return Boolean((input as Sequence | undefined | null)?.tupleStream)
}

/** An empty list stands for nothing, which makes an object of constants. */
function itemsOf(input: unknown, reduce: boolean): readonly unknown[] {
  const items = Array.isArray(input) ? input : [input]
  return items.length === 0 && !reduce ? [undefined] : items
}

interface How {
  readonly reduce: boolean
  readonly position: number
  readonly guard: Guard
}

function collect(items: readonly unknown[], pairs: readonly Pick<Pair, 'key'>[], how: How): Map<string, Entry> {
  const { reduce, position, guard } = how
  const groups = new Map<string, Entry>()
  guard.tick(items.length)
  for (const item of items) {
    pairs.forEach(({ key }, pair) => {
      const name = reduce ? key((item as Data)['@'], item as Data) : key(item)
      if (name === undefined) return
      checkKey(name, position)
      const entry = groups.get(name as string)
      if (entry === undefined) groups.set(name as string, { data: item, pair, grown: false })
      else if (entry.pair !== pair) fail('D1009', { position, value: name })
      else grow(entry, item, guard)
    })
  }
  return groups
}

/** `$append`, without a copy each time. */
function grow(entry: Entry, item: unknown, guard: Guard): void {
  if (entry.grown && item !== undefined) {
    const items = entry.data as unknown[]
    if (!Array.isArray(item)) items.push(item)
    else for (let index = 0; index < item.length; index++) items.push(item[index])
    guard.checkLength(items.length)
  } else {
    entry.grown = entry.data !== undefined && item !== undefined
    entry.data = append(entry.data, item, guard)
  }
}

/** The key of a field must be a text that does not make the object look like a function. */
export function checkKey(name: unknown, position: number): void {
  if (typeof name !== 'string') fail('T1003', { position, value: name })
  if (name === '_jsonata_lambda' || name === '_jsonata_function') fail('D1013', { position, value: name })
}

/** Values are computed in the order in which an object holds its fields. */
function sortedLikeFields(groups: Map<string, Entry>): Iterable<[string, Entry]> {
  let plain = true
  for (const name of groups.keys()) {
    const first = name.charCodeAt(0)
    if (first >= 48 && first <= 57) plain = false
  }
  if (plain) return groups
  const order = Object.keys(Object.fromEntries(groups))
  return order.map((name) => [name, groups.get(name) as Entry])
}

function fieldValue(entry: Entry, { value }: Pair, reduce: boolean, guard: Guard): unknown {
  if (!reduce) return value(entry.data)
  const tuple = reduceTuples(entry.data, guard)
  return value(takeContext(tuple), tuple)
}

function takeContext(tuple: Data): unknown {
  const context = tuple['@']
  delete tuple['@']
  return context
}

function reduceTuples(tuples: unknown, guard: Guard): Data {
  if (!Array.isArray(tuples)) return tuples as Data
  const result: Data = Object.assign(Object.create(null), tuples[0])
  for (const tuple of tuples.slice(1)) {
    for (const name of keysOf(tuple)) result[name] = append(result[name], tuple[name], guard)
  }
  return result
}

export interface Term {
  readonly expression: Part
  readonly descending: boolean
  /** It binds variables with `:=`: what they are afterwards depends on how often it was evaluated. */
  readonly binds: boolean
}

/** Order-by: undefined comes last, whatever the direction. What is no array has no order. */
export function orderBy(items: unknown, terms: readonly Term[], position: number, guard: Guard): unknown {
  return Array.isArray(items) ? ordered(items, terms, position, guard) : items
}

function ordered(items: Sequence, terms: readonly Term[], position: number, guard: Guard): unknown[] {
  if (items.tupleStream !== true && !terms.some(({ binds }) => binds)) {
    const quick = sortedByKeys(items, terms, guard)
    if (quick !== undefined) return quick
  }
  const isTuples = items.tupleStream === true
  const keyOf = (term: Term, item: unknown) =>
    isTuples ? term.expression((item as Data)['@'], item as Data) : term.expression(item)
  // What the path has made goes on as it is; an array of the input must not become part of it.
  if (items.length <= 1) return items.tupleStream ? items : items.slice()
  return sortItems(items, (a, b) => isAfter(a, b, terms, keyOf, position), guard)
}

/**
 * All keys first, where each kind of key is either numbers or texts throughout: then comparing cannot fail. Undefined
 * otherwise, and when a key cannot be computed: the package's order of comparisons decides what fails first.
 */
function sortedByKeys(items: readonly unknown[], terms: readonly Term[], guard: Guard): unknown[] | undefined {
  checkSorted('$sort', items.length, guard)
  guard.tick(items.length)
  const columns: (readonly (string | number)[])[] = []
  for (const { expression } of terms) {
    const keys = uniformKeys(items, expression, guard)
    if (keys === undefined) return undefined
    columns.push(keys)
  }
  const order = Array.from(items, (_, index) => index)
  order.sort((a, b) => {
    for (let at = 0; at < columns.length; at++) {
      const [left, right] = [columns[at]?.[a] as number, columns[at]?.[b] as number]
      if (left !== right) return left < right === terms[at]?.descending ? 1 : -1
    }
    return 0
  })
  return order.map((index) => items[index])
}

function uniformKeys(items: readonly unknown[], expression: Part, guard: Guard): (string | number)[] | undefined {
  const { level } = guard
  const keys: (string | number)[] = []
  try {
    for (let index = 0; index < items.length; index++) {
      const key = expression(items[index])
      if (typeof key !== 'string' && typeof key !== 'number') return undefined
      if (typeof key !== typeof (keys[0] ?? key) || Number.isNaN(key)) return undefined
      keys.push(key)
    }
  } catch {
    guard.level = level
    return undefined
  }
  return keys
}

function isAfter(
  a: unknown,
  b: unknown,
  terms: readonly Term[],
  keyOf: (term: Term, item: unknown) => unknown,
  position: number,
): boolean {
  for (const term of terms) {
    const comparison = compare(keyOf(term, a), keyOf(term, b), term.descending, position)
    if (comparison !== 0) return comparison === 1
  }
  return false
}

function compare(a: unknown, b: unknown, descending: boolean, position: number): number {
  if (a === undefined) return b === undefined ? 0 : 1
  if (b === undefined) return -1
  if (!isSortable(a) || !isSortable(b)) fail('T2008', { position, value: isSortable(a) ? b : a })
  if (typeof a !== typeof b) fail('T2007', { position, value: a, value2: b })
  if (a === b) return 0
  const comparison = a < b ? -1 : 1
  return descending ? -comparison : comparison
}

function isSortable(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}
