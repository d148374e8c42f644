import type { Path, Span } from '../config/faults.ts'
import { checkSyntax } from '../config/syntax.ts'
import { type Node, nodeAt } from '../config/tree.ts'
import { parsedExpression } from '../config/values.ts'
import { messageOf } from '../errors.ts'
import { NO_TABLES } from '../expression/functions/lookup-table.ts'
import { objectSchema, readOptions } from '../options.ts'
import type { Json, JsonObject } from '../record.ts'
import { EXPECTATION_OPTIONS } from './case-options.ts'
import { checkKeys, isEnvelope, isMap, keyAt, linesOf, placeAt, type Reading, report, timeOf } from './reading.ts'

/** What must have come out of one place. */
export interface Expectation {
  /** A sink, a processor, a port of one, or `dead_letters`. */
  readonly output: string
  /** Where its name stands. */
  readonly place: Span
  /** Undefined where the records themselves do not matter. */
  readonly records: readonly ExpectedRecord[] | undefined
  /** The list in the test file, if they stand there: `--update` writes it anew. */
  readonly list: Span | undefined
  /** The file that they stand in, as the test file names it: `--update` writes that anew. */
  readonly file: string | undefined
  readonly partial: boolean
  readonly unordered: boolean
  readonly count: number | undefined
  /** Expressions over the list of their values. */
  readonly asserts: readonly string[]
}

/** What is undefined does not matter. */
export interface ExpectedRecord {
  readonly value: Json | undefined
  readonly key: string | null | undefined
  readonly at: number | undefined
  readonly headers: JsonObject | undefined
}

/** `expect` of a case or of a step: outputs by name. */
export async function readExpectations(
  given: JsonObject,
  path: Path,
  start: number,
  reading: Reading,
): Promise<Expectation[]> {
  const expectations: Expectation[] = []
  for (const [output, content] of Object.entries(given)) {
    expectations.push(await readOne(output, content, [...path, output], start, reading))
  }
  return expectations
}

async function readOne(
  output: string,
  content: Json,
  path: Path,
  start: number,
  reading: Reading,
): Promise<Expectation> {
  const place = keyAt(reading.root, path)
  // Of a dead letter most fields are of no interest: it names those that are.
  const partial = output === 'dead_letters'
  const shared = {
    output,
    place,
    partial,
    list: undefined,
    file: undefined,
    unordered: false,
    count: undefined,
    asserts: [],
  }
  if (Array.isArray(content)) {
    return { ...shared, records: recordsIn(content, path, start, reading), list: placeAt(reading.root, path) }
  }
  if (!isMap(content) || !isWellFormed(content, path, reading)) {
    if (!isMap(content)) report(reading, path, 'must be a list of records, or a map', `such as { count: 3 }`)
    return { ...shared, records: undefined }
  }
  const { records, file, unordered, count, assert = [], ...options } = readOptions(EXPECTATION_OPTIONS, content)
  if (records !== undefined && file !== undefined) report(reading, path, 'has either `records` or `file`')
  if (records === undefined && file === undefined && count === undefined && assert.length === 0) {
    report(reading, path, 'expects nothing', 'one of records, file, count, assert')
  }
  if (assert.length > 0) await checkAsserts([...path, 'assert'], reading)
  const values = records ?? (file === undefined ? undefined : await valuesIn(file, [...path, 'file'], reading))
  const at = records === undefined ? [...path, 'file'] : [...path, 'records']
  return {
    ...shared,
    records: values && recordsIn(values, at, start, reading),
    list: records && placeAt(reading.root, at),
    file,
    partial: partial || options.partial,
    unordered,
    count,
    asserts: assert,
  }
}

/** What is no expression would else be told only when the pipeline has run. */
async function checkAsserts(path: Path, { root, faults }: Reading): Promise<void> {
  const node = nodeAt(root, path)?.node
  const written: [Node | undefined, Path][] =
    node?.kind === 'list' ? node.items.map((item, index) => [item, [...path, index]]) : [[node, path]]
  const texts = written.flatMap(([part, at]) =>
    part?.kind === 'scalar' && typeof part.value === 'string' ? [parsedExpression(part, part.value, at)] : [],
  )
  await checkSyntax(texts, { tables: NO_TABLES, regexEngine: 'javascript' }, faults)
}

/** One JSON value a line. */
async function valuesIn(file: string, path: Path, reading: Reading): Promise<Json[]> {
  const lines = await linesOf(file, path, reading)
  return lines.flatMap((line, index) => {
    try {
      return [JSON.parse(line) as Json]
    } catch (error) {
      report(reading, path, `${file}:${index + 1} is no JSON: ${messageOf(error)}`)
      return []
    }
  })
}

/** The few rules of the map, checked here: which schema applies hangs on the shape of the value. */
function isWellFormed(content: JsonObject, path: Path, reading: Reading): boolean {
  const { properties } = objectSchema(EXPECTATION_OPTIONS) as { properties: { readonly [name: string]: JsonObject } }
  const known = Object.keys(properties)
  const hasOnlyKnown = checkKeys(content, known, path, reading)
  const mistyped = Object.entries(content).filter(
    ([key, value]) => known.includes(key) && !hasType(value, properties[key]?.type),
  )
  for (const [key] of mistyped)
    report(reading, [...path, key], `must be ${[properties[key]?.type].flat().join(' or ')}`)
  return hasOnlyKnown && mistyped.length === 0
}

function hasType(value: Json, type: Json | undefined): boolean {
  const actual = Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
  return [type].flat().includes(actual)
}

const EXPECTED_KEYS = ['$value', '$key', '$at', '$headers']

function recordsIn(entries: readonly Json[], path: Path, start: number, reading: Reading): ExpectedRecord[] {
  return entries.map((entry, index) => {
    if (!isEnvelope(entry)) return { value: entry, key: undefined, at: undefined, headers: undefined }
    const at = [...path, index]
    checkKeys(entry, EXPECTED_KEYS, at, reading)
    const { $value, $key, $at, $headers } = entry
    const time = $at === undefined ? undefined : timeOf($at, start)
    if ($at !== undefined && time === undefined) report(reading, [...at, '$at'], 'is no time')
    const key = $key === undefined || $key === null ? $key : String($key)
    return { value: $value, key, at: time, headers: isMap($headers) ? $headers : undefined }
  })
}
