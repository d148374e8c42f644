import {
  type Check,
  type Json,
  type JsonObject,
  type OptionValues,
  RecordError,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import { isObject, type Path, parsePath, withField, withoutField } from '../../shared/path.ts'
import type { options } from './options.ts'

/** What one record has to give. */
export interface Share {
  readonly record: StreamRecord
  readonly elements: readonly Json[]
  /** The value of the record that an element becomes. */
  readonly valueWith: (element: Json) => Json
}

/** Strict: a single thing in place of a list is more often a fault of the writer than a list of one. */
export function listOf(result: Json | undefined, of: string): readonly Json[] {
  if (Array.isArray(result)) return result
  if (result === undefined)
    throw new RecordError('SR_EXPRESSION_EMPTY', 'there is no list to split', { expression: of })
  throw new RecordError('SR_RECORD_SHAPE', 'what is to be split is no list', { expression: of })
}

/** Where the elements of a record go: each is a value of its own, or stands in a copy of the record. */
export function placementOf({ of, as }: Given): (record: StreamRecord) => Share['valueWith'] {
  if (as === undefined) return () => (element) => element
  const target = parsePath(as) as Path
  const list = parsePath(of) as Path
  return ({ value }) => {
    const frame = withoutList(value, list, of)
    if (withField(frame, target, null) === undefined) {
      throw new RecordError('SR_RECORD_SHAPE', `${as} cannot be set: what stands on the way to it is no object`)
    }
    return (element) => withField(frame, target, element) as JsonObject
  }
}

/** A list in every one of its elements would make a large record larger by its square (I-6). */
function withoutList(value: Json, list: Path, of: string): JsonObject {
  const frame = isObject(value) ? withoutField(value, list) : value
  if (isObject(frame) && frame !== value) return frame
  const message = 'the list stands inside another list: it cannot be taken out of the copies'
  throw new RecordError('SR_RECORD_SHAPE', message, { expression: of })
}

/** What is wrong with `of` and `as` together. */
export function placementFaults({ of, as }: Given): NonNullable<Check['faults']> {
  if (as === undefined) return []
  if (parsePath(as) === undefined) {
    const message = `${as} is no path: write names with dots between them, and a name that has dots in backquotes`
    return [{ path: ['as'], code: 'SR_BAD_VALUE', message }]
  }
  if (PLAIN_PATH.test(of)) return []
  const message =
    'needs the way to the list in `of`, such as `items` or `order.lines`, so that the copies can leave the list out'
  return [{ path: ['as'], code: 'SR_OPTION_REFUSED', message }]
}

type Given = OptionValues<typeof options>

/** Names with dots between them, as JSONata and `parsePath` both read them. */
const PLAIN_PATH = /^(?:`[^`]+`|[A-Za-z_]\w*)(?:\.(?:`[^`]+`|[A-Za-z_]\w*))*$/
