/** Paths that bind on their way (`@`, `#`, `%`): the values of a step travel with what was bound, as tuples. */

import type { Part } from './group.ts'
import type { Guard } from './guard.ts'
import { addTo, filter, itemAt } from './paths.ts'
import { type Data, type Sequence, sequenceOf, unwrap, unwrapKept } from './values.ts'

export interface TupleStep {
  readonly tuple: boolean
  /** Its value for one item, with all that belongs to an evaluation; for order-by, see `sort`. */
  readonly run: Part
  readonly sort?: ((items: Sequence) => unknown[]) | undefined
  /** The first step, when it is an array that is written there. */
  readonly whole: boolean
  readonly stages: readonly Stage[]
  readonly focus?: string | undefined
  readonly index?: string | undefined
  /** The label under which later steps find the item that they came from. */
  readonly ancestor?: string | undefined
}

export type Stage =
  | { readonly kind: 'filter'; readonly predicate: Part }
  | { readonly kind: 'item'; readonly position: number }
  | { readonly kind: 'index'; readonly name: string }

export interface TuplePath {
  readonly steps: readonly TupleStep[]
  /** Its tuples go on into the path around it. */
  readonly keepTuples: boolean
  readonly keepSingleton: boolean
  readonly group?: ((items: unknown) => unknown) | undefined
  readonly keepArray: boolean
}

/** `input` is the list of items that the first step is for. */
export function tuplePath(input: Sequence, path: TuplePath, guard: Guard): unknown {
  let items: Sequence = input
  let result: Sequence = sequenceOf([])
  let tuples: Sequence | undefined
  let streaming = false
  for (const [at, step] of path.steps.entries()) {
    streaming ||= step.tuple
    if (at === 0 && step.whole) result = step.run(items) as Sequence
    else if (streaming) tuples = tupleStep(step, items, tuples, guard)
    else result = plainStep(step, items, at === path.steps.length - 1, guard)
    if (!streaming && (result === undefined || result.length === 0)) break
    if (step.focus === undefined) items = result
  }
  return finished(path, streaming, result, tuples, guard)
}

function finished(
  path: TuplePath,
  streaming: boolean,
  plain: Sequence,
  tuples: Sequence | undefined,
  guard: Guard,
): unknown {
  let result: Sequence = plain
  if (streaming) {
    const stream = tuples as Sequence
    result = path.keepTuples ? stream : sequenceOf(stream.map((tuple) => (tuple as Data)['@']))
    guard.checkLength(result.length)
  }
  if (path.keepSingleton) {
    if (Array.isArray(result) && result.cons && !result.sequence) result = sequenceOf([result])
    if (result.sequence) result.keepSingleton = true
  }
  const grouped = path.group === undefined ? result : path.group(streaming ? tuples : result)
  return path.keepArray ? unwrapKept(grouped) : unwrap(grouped)
}

function plainStep(step: TupleStep, items: Sequence, isLast: boolean, guard: Guard): Sequence {
  if (step.sort !== undefined) return staged(step.sort(items) as Sequence, step.stages, guard) as Sequence
  const results: unknown[] = []
  for (let index = 0; index < items.length; index++) {
    const result = staged(step.run(items[index]), step.stages, guard)
    if (result !== undefined) results.push(result)
  }
  const [only] = results
  if (isLast && results.length === 1 && Array.isArray(only) && !(only as Sequence).sequence) return only
  const list = sequenceOf([])
  for (const result of results) addTo(list, result)
  guard.checkLength(list.length)
  return list
}

function staged(input: unknown, stages: readonly Stage[], guard: Guard): unknown {
  let result = input
  for (const stage of stages) {
    if (stage.kind === 'filter') result = filter(result, stage.predicate as never, guard)
    else if (stage.kind === 'item') result = itemAt(result, stage.position)
    else numberTuples(result as Sequence, stage.name)
  }
  return result
}

function numberTuples(tuples: Sequence, name: string): void {
  for (let index = 0; index < tuples.length; index++) (tuples[index] as Data)[name] = index
}

function tupleStep(step: TupleStep, items: Sequence, before: Sequence | undefined, guard: Guard): Sequence {
  if (step.sort !== undefined) return staged(sortedTuples(step, items, before), step.stages, guard) as Sequence
  const result = sequenceOf([])
  result.tupleStream = true
  const tuples = before ?? items.map((item) => tupleOf({ '@': item }))
  for (const tuple of tuples as Data[]) {
    guard.tick(1)
    extend(step, tuple, step.run(tuple['@'], tuple), result)
    guard.checkLength(result.length)
  }
  return staged(result, step.stages, guard) as Sequence
}

function sortedTuples(step: TupleStep, items: Sequence, before: Sequence | undefined): Sequence {
  const sort = step.sort as NonNullable<TupleStep['sort']>
  if (before !== undefined) return sort(before) as Sequence
  const result = sequenceOf([])
  result.tupleStream = true
  // The package goes over whatever has a length, even the characters of a text.
  const sorted = sort(items)
  for (let index = 0; index < sorted.length; index++) {
    result.push(tupleOf({ '@': sorted[index], [String(step.index)]: index }))
  }
  return result
}

function extend(step: TupleStep, tuple: Data, value: unknown, result: Sequence): void {
  if (value === undefined) return
  const values: Sequence = Array.isArray(value) ? value : [value]
  for (let index = 0; index < values.length; index++) {
    const item = values[index]
    const next = tupleOf(tuple)
    if (values.tupleStream) Object.assign(next, item)
    else bindStep(step, next, tuple['@'], item, index)
    result.push(next)
  }
}

function bindStep(step: TupleStep, tuple: Data, parent: unknown, item: unknown, index: number): void {
  if (step.focus === undefined) tuple['@'] = item
  else tuple[step.focus] = item
  if (step.index !== undefined) tuple[step.index] = index
  if (step.ancestor !== undefined) tuple[step.ancestor] = parent
}

function tupleOf(fields: Data): Data {
  return Object.assign(new Tuple() as unknown as Data, fields)
}

/** Quicker than an object without a prototype, and as safe for any name. */
class Tuple {}
Object.setPrototypeOf(Tuple.prototype, null)
delete (Tuple.prototype as { constructor?: unknown }).constructor
