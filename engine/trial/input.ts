import type { Path, Span } from '../config/faults.ts'
import type { Json, JsonObject } from '../record.ts'
import { checkKeys, isEnvelope, isMap, keyAt, linesOf, type Reading, report, TIME_HINT, timeOf } from './reading.ts'
import type { ScriptedRecord } from './script-source.ts'

/** What one source is given. */
export interface Input {
  readonly source: string
  /** Where its name stands. */
  readonly place: Span
  readonly records: readonly ScriptedRecord[]
}

/** `input` of a case or of a step: records by the name of their source. */
export async function readInputs(given: JsonObject, path: Path, start: number, reading: Reading): Promise<Input[]> {
  const inputs: Input[] = []
  for (const [source, content] of Object.entries(given)) {
    const at = [...path, source]
    const records = await readRecords(content, at, start, reading)
    inputs.push({ source, place: keyAt(reading.root, at), records })
  }
  return inputs
}

async function readRecords(content: Json, path: Path, start: number, reading: Reading): Promise<ScriptedRecord[]> {
  if (Array.isArray(content)) return content.map((entry, index) => recordOf(entry, [...path, index], start, reading))
  const file = isMap(content) ? content.file : undefined
  if (typeof file !== 'string' || Object.keys(content as object).length !== 1) {
    report(reading, path, 'must be a list of records, or `{ file: NAME }`')
    return []
  }
  const lines = await linesOf(file, [...path, 'file'], reading)
  return lines.map((raw) => ({ value: parsed(raw), raw }))
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
