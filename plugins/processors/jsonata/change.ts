import { type Expression, type Json, type JsonObject, RecordError, type StreamRecord } from '../../../engine/plugin.ts'
import { inOrder } from '../../shared/in-order.ts'
import { isObject, type Path, pathText, withField, withoutField } from '../../shared/path.ts'

/** Fields to remove and fields to set, in this order. */
export interface Change {
  readonly unset: readonly Path[]
  readonly set: readonly { readonly path: Path; readonly expression: Expression }[]
}

/**
 * The changed value of a record; the same object when nothing changed, so that the record keeps its bytes. A promise
 * only when an expression needs one.
 */
export function changedValue(record: StreamRecord, { unset, set }: Change): Json | Promise<Json> {
  const original = objectOf(record)
  const results: (Json | undefined)[] = []
  const keep = (index: number) => (result: Json | undefined) => {
    results[index] = result
  }
  const pending = inOrder(set, ({ expression }, index) => {
    const result = expression.evaluate(record)
    return result instanceof Promise ? result.then(keep(index)) : keep(index)(result)
  })
  const apply = () => set.reduce((value, { path }, index) => put(value, path, results[index]), without(original, unset))
  return pending === undefined ? apply() : pending.then(apply)
}

function objectOf({ value }: StreamRecord): JsonObject {
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
