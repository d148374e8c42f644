import {
  type Expression,
  type FieldNames,
  type Json,
  type JsonObject,
  RecordError,
  type StreamRecord,
  valueWith,
  withAdded,
  withValue,
} from '../../../engine/plugin.ts'
import { inOrder } from '../../shared/in-order.ts'
import { isObject, type Path, pathText, withField, withoutField } from '../../shared/path.ts'

/** Fields to remove and fields to set, in this order. */
export interface Change {
  readonly unset: readonly Path[]
  readonly set: readonly { readonly path: Path; readonly expression: Expression }[]
  /**
   * What is set, where all of it stands at the top and nothing is removed: as long as a record has none of these fields,
   * nothing else of it matters. Undefined otherwise.
   */
  readonly names: FieldNames | undefined
}

/**
 * The changed record; the same one when nothing changed, so that it keeps its bytes. A promise only when an expression
 * needs one.
 */
export function changed(record: StreamRecord, change: Change): StreamRecord | Promise<StreamRecord> {
  const { set, names } = change
  const original = objectOf(names === undefined ? record.value : valueWith(record, names))
  const results: (Json | undefined)[] = []
  const pending = inOrder(set, ({ expression }) => {
    const result = expression.evaluate(record)
    if (result instanceof Promise) return result.then((made) => void results.push(made))
    results.push(result)
    return undefined
  })
  if (pending === undefined) return applied(record, original, change, results)
  return pending.then(() => applied(record, original, change, results))
}

function applied(
  record: StreamRecord,
  original: JsonObject,
  change: Change,
  results: readonly (Json | undefined)[],
): StreamRecord {
  const added = addedTo(original, change, results)
  if (added !== undefined) return withAdded(record, added)
  return replaced(record, objectOf(record.value), change, results)
}

function replaced(
  record: StreamRecord,
  original: JsonObject,
  { unset, set }: Change,
  results: readonly (Json | undefined)[],
): StreamRecord {
  const value = set.reduce((value, { path }, index) => put(value, path, results[index]), without(original, unset))
  return value === original ? record : withValue(record, value)
}

/** What is set, where all of it is new: then the record can keep its bytes. None of the names is `__proto__`. */
function addedTo(
  original: JsonObject,
  { set, names }: Change,
  results: readonly (Json | undefined)[],
): JsonObject | undefined {
  if (names === undefined) return undefined
  const added: { [name: string]: Json } = {}
  for (const [index, { path }] of set.entries()) {
    const [name] = path as [string]
    const result = results[index]
    if (result === undefined || Object.hasOwn(original, name)) return undefined
    added[name] = result
  }
  return added
}

function objectOf(value: Json): JsonObject {
  if (isObject(value)) return value
  throw new RecordError('SR_RECORD_SHAPE', 'the value has no fields to change: it is no object')
}

function without(value: JsonObject, paths: readonly Path[]): JsonObject {
  return paths.reduce(withoutField, value)
}

function put(value: JsonObject, path: Path, result: Json | undefined): JsonObject {
  if (result === undefined) return withoutField(value, path)
  const changed = withField(value, path, result)
  if (changed !== undefined) return changed
  throw new RecordError('SR_RECORD_SHAPE', `${pathText(path)} cannot be set: what stands on the way to it is no object`)
}
