import type { Path, Span } from '../config/faults.ts'
import type { Json, JsonObject } from '../record.ts'
import { checkKeys, isEnvelope, isMap, keyAt, linesOf, type Reading, report, TIME_HINT, timeOf } from './reading.ts'
import type { ScriptedRecord } from './script-source.ts'

/** What one source is given. */
export interface Input {
  readonly source: string
  /** Where its name stands. */
  readonly place: Span
  readonly given: Given
}

/** Records, or so many of those that the source makes itself. */
export type Given =
  | { readonly kind: 'records'; readonly records: readonly ScriptedRecord[] }
  | { readonly kind: 'own'; readonly first: number }

/** `input` of a case or of a step: records by the name of their source. */
export async function readInputs(given: JsonObject, path: Path, start: number, reading: Reading): Promise<Input[]> {
  const inputs: Input[] = []
  for (const [source, content] of Object.entries(given)) {
    const at = [...path, source]
    inputs.push({ source, place: keyAt(reading.root, at), given: await readGiven(content, at, start, reading) })
  }
  return inputs
}

async function readGiven(content: Json, path: Path, start: number, reading: Reading): Promise<Given> {
  if (Array.isArray(content)) {
    return {
      kind: 'records',
      records: content.map((entry, index) => recordOf(entry, [...path, index], start, reading)),
    }
  }
  const [only, ...others] = isMap(content) ? Object.entries(content) : []
  const [key, value] = others.length > 0 || only === undefined ? [] : only
  if (key === 'file' && typeof value === 'string') {
    const lines = await linesOf(value, [...path, 'file'], reading)
    return { kind: 'records', records: lines.map((raw) => ({ value: parsed(raw), raw })) }
  }
  if (key === 'first' && Number.isSafeInteger(value) && Number(value) > 0) return { kind: 'own', first: Number(value) }
  report(reading, path, 'must be a list of records, `{ file: NAME }`, or `{ first: COUNT }`')
  return { kind: 'records', records: [] }
}

/** What is no JSON is left to the codec of the source, and to a source without one it is text. */
function parsed(line: string): Json {
  try {
    return JSON.parse(line) as Json
  } catch {
    return line
  }
}

const RECORD_KEYS = ['$value', '$raw', '$key', '$at', '$headers', '$partition']

function recordOf(entry: Json, path: Path, start: number, reading: Reading): ScriptedRecord {
  if (!isEnvelope(entry)) return { value: entry }
  checkKeys(entry, RECORD_KEYS, path, reading)
  const { $value = null, $raw, $key, $at, $headers, $partition } = entry
  const at = $at === undefined ? undefined : timeOf($at, start)
  if ($at !== undefined && at === undefined) report(reading, [...path, '$at'], 'is no time', TIME_HINT)
  return {
    value: $value,
    raw: typeof $raw === 'string' ? $raw : undefined,
    key: $key === undefined ? undefined : String($key),
    at,
    headers: isMap($headers) ? Object.entries($headers).map(([name, value]) => ({ name, value: String(value) })) : [],
    partition: $partition === undefined ? undefined : String($partition),
  }
}
