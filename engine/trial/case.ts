import type { Path, Span } from '../config/faults.ts'
import type { Json, JsonObject } from '../record.ts'
import type { CaseValues, StepValues } from './case-options.ts'
import { type Expectation, readExpectations } from './expectation.ts'
import {
  checkKeys,
  isEnvelope,
  isMap,
  keyAt,
  linesOf,
  placeAt,
  type Reading,
  report,
  TIME_HINT,
  timeOf,
} from './reading.ts'
import type { ScriptedRecord } from './script-source.ts'

/** One case of a test file. */
export interface Case {
  readonly name: string
  /** Where it stands. */
  readonly place: Span
  readonly environment: Readonly<Record<string, string>>
  /** Where its clock starts, epoch milliseconds. */
  readonly start: number
  readonly steps: readonly Step[]
}

export type Step =
  | { readonly kind: 'input'; readonly inputs: readonly Input[] }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'end' }
  | { readonly kind: 'expect'; readonly expectations: readonly Expectation[] }

export interface Input {
  readonly source: string
  readonly place: Span
  readonly records: readonly ScriptedRecord[]
}

interface Shared {
  readonly environment: ReadonlyMap<string, string> | undefined
  readonly start: string
}

/** `values` stand at `path` and have passed their schema. */
export async function readCase(values: CaseValues, path: Path, shared: Shared, reading: Reading): Promise<Case> {
  const place = placeAt(reading.root, [...path, 'name'])
  const written = values.start ?? shared.start
  const start = timeOf(written, 0)
  if (start === undefined) report(reading, [...path, 'start'], `"${written}" is no time`, TIME_HINT)
  const steps: Step[] = []
  for (const [step, at] of stepsOf(values, path, reading)) steps.push(await readStep(step, at, start ?? 0, reading))
  return {
    name: values.name,
    place,
    environment: Object.fromEntries([...(shared.environment ?? []), ...(values.environment ?? [])]),
    start: start ?? 0,
    steps,
  }
}

/** `input` and `expect` of a case stand for: input, the end of input, expect. */
function stepsOf(values: CaseValues, path: Path, reading: Reading): [StepValues, Path][] {
  const { input, expect, steps } = values
  if (steps === undefined) {
    if (expect === undefined) report(reading, [...path, 'name'], 'the case expects nothing', 'add `expect`')
    const nothing = { input: undefined, advance: undefined, restart: undefined, end: undefined, expect: undefined }
    return [
      ...(input === undefined ? [] : [[{ ...nothing, input }, path] as [StepValues, Path]]),
      [{ ...nothing, end: true }, path],
      [{ ...nothing, expect }, path],
    ]
  }
  if (input !== undefined || expect !== undefined) {
    report(reading, [...path, 'steps'], 'a case has either `steps` or `input` and `expect`', 'move them into the steps')
  }
  return steps.map((step, index) => [step, [...path, 'steps', index]])
}

async function readStep(step: StepValues, path: Path, start: number, reading: Reading): Promise<Step> {
  const said = Object.entries(step).filter(([, value]) => value !== undefined)
  if (said.length !== 1) {
    report(reading, path, 'a step is one thing', 'one of `input`, `advance`, `restart`, `end`, `expect` each')
  }
  const { input, advance, restart, expect } = step
  if (input !== undefined) return { kind: 'input', inputs: await readInputs(input, [...path, 'input'], start, reading) }
  if (advance !== undefined) return { kind: 'advance', ms: advance }
  if (expect !== undefined) {
    return { kind: 'expect', expectations: await readExpectations(expect, [...path, 'expect'], start, reading) }
  }
  return { kind: restart === true ? 'restart' : 'end' }
}

async function readInputs(given: JsonObject, path: Path, start: number, reading: Reading): Promise<Input[]> {
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
