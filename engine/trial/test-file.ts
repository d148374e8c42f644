import { dirname, join, resolve } from 'node:path'
import { createValidator } from '../config/check.ts'
import { readDocument } from '../config/document.ts'
import { type Fault, type FaultLog, faultLog, type Path } from '../config/faults.ts'
import { childOf, type Node } from '../config/tree.ts'
import { readValues } from '../config/values.ts'
import { messageOf } from '../errors.ts'
import { objectSchema } from '../options.ts'
import type { Json, JsonObject } from '../record.ts'
import { type Case, readCase, readStart, type Shared, variablesIn } from './case.ts'
import { TEST_FILE_OPTIONS } from './case-options.ts'
import { isMap, type Reading } from './reading.ts'

/** The cases of one pipeline, and where they stand. */
export interface TestFile {
  /** As the user named it, and its text: `--update` writes it anew. */
  readonly file: string
  readonly text: string
  /** The pipeline file. */
  readonly pipeline: string
  readonly cases: readonly Case[]
  /** The files of records that they name, and how often each. */
  readonly fixtures: ReadonlyMap<string, number>
  /** What is wrong with them so far; what they name can only be judged beside the pipeline. Run none when it has any. */
  readonly faults: FaultLog
}

export type LoadedTests =
  | { readonly kind: 'ok'; readonly tests: TestFile }
  | { readonly kind: 'none'; readonly pipeline: string }
  | { readonly kind: 'faults'; readonly faults: readonly Fault[] }

/** Gives the text of a file, or rejects. */
export type ReadText = (path: string) => Promise<string>

/**
 * The tests that a file on the command line stands for: its own, for `NAME.test.yaml`; those of the file beside it, or
 * else under its key `tests`, for a pipeline.
 */
export async function loadTests(file: string, readText: ReadText): Promise<LoadedTests> {
  if (isTestFile(file)) return loadFile(file, await readText(file).catch(thrown), readText)
  const beside = testFileOf(file)
  const text = await readText(beside).catch(() => undefined)
  if (text !== undefined) return loadFile(beside, text, readText)
  return loadInline(file, await readText(file).catch(thrown), readText)
}

/** The test file that a pipeline file has beside it. */
export function testFileOf(pipeline: string): string {
  return pipeline.replace(/(\.ya?ml)?$/, '.test$1')
}

function pipelineOf(testFile: string): string {
  return testFile.replace(/\.test(\.ya?ml)$/, '$1')
}

export function isTestFile(file: string): boolean {
  return /\.test\.ya?ml$/.test(file)
}

function thrown(error: unknown): { readonly unreadable: string } {
  return { unreadable: messageOf(error) }
}

type Text = string | { readonly unreadable: string }

async function loadFile(file: string, text: Text, readText: ReadText): Promise<LoadedTests> {
  if (typeof text !== 'string') return unreadable(file, text.unreadable)
  const faults = faultLog(file, text)
  const root = readDocument(text, faults)
  if (root === undefined) return { kind: 'faults', faults: faults.list() }
  const values = await readChecked(root, faults)
  const named = typeof values.pipeline === 'string' ? join(dirname(file), values.pipeline) : pipelineOf(file)
  return whole({ file, text, pipeline: named, faults }, { root, path: ['cases'], values }, readText)
}

async function loadInline(file: string, text: Text, readText: ReadText): Promise<LoadedTests> {
  if (typeof text !== 'string') return unreadable(file, text.unreadable)
  const faults = faultLog(file, text)
  const root = readDocument(text, faults)
  if (root === undefined) return { kind: 'faults', faults: faults.list() }
  const tests = childOf(root, 'tests')
  if (tests === undefined) return { kind: 'none', pipeline: file }
  // What is wrong with a pipeline, with the shape of its tests too, is said when it is loaded as one.
  const cases = readValues(tests, TEST_FILE_OPTIONS.cases.schema, ['tests'], NO_ENVIRONMENT, faultLog(file, text))
  return whole(
    { file, text, pipeline: file, faults },
    { root, path: ['tests'], values: { cases: cases.value } },
    readText,
  )
}

async function readChecked(root: Node, faults: FaultLog): Promise<JsonObject> {
  const schema = objectSchema(TEST_FILE_OPTIONS)
  const values = readValues(root, schema, [], NO_ENVIRONMENT, faults)
  await createValidator().check({ schema, values, node: root, path: [], at: { start: 0, end: 0 } }, faults)
  return isMap(values.value) ? values.value : {}
}

/** Test files read no environment: placeholders in them stay as they are. */
const NO_ENVIRONMENT = { variables: undefined, files: new Map<string, string | undefined>() }

interface Written {
  readonly root: Node
  /** Where the cases stand. */
  readonly path: Path
  /** What the file says; where it is not as its schema wants it, that has been reported. */
  readonly values: JsonObject
}

async function whole(
  file: Omit<TestFile, 'cases' | 'fixtures'>,
  { root, path, values }: Written,
  readText: ReadText,
): Promise<LoadedTests> {
  const folder = resolve(dirname(file.file))
  const fixtures = new Map<string, number>()
  const readFixture = (name: string) => {
    fixtures.set(name, (fixtures.get(name) ?? 0) + 1)
    return readText(join(folder, name))
  }
  const reading = { root, faults: file.faults, readText: readFixture }
  const cases: readonly Json[] = Array.isArray(values.cases) ? values.cases : []
  const shared = sharedBy(values, reading)
  const read = await Promise.all(cases.map((one, index) => readCase(one, [...path, index], shared, reading)))
  return { kind: 'ok', tests: { ...file, cases: read, fixtures } }
}

function sharedBy({ environment, start }: JsonObject, reading: Reading): Shared {
  const fallback = Date.parse(String(TEST_FILE_OPTIONS.start.default))
  return { environment: variablesIn(environment), start: readStart(start, ['start'], fallback, reading) }
}

function unreadable(file: string, reason: string): LoadedTests {
  const faults = faultLog(file, '')
  faults.add({ code: 'SR_DEFINITION_UNREADABLE', at: { start: 0, end: 0 }, message: `cannot be read: ${reason}` })
  return { kind: 'faults', faults: faults.list() }
}
