import { dirname, join, resolve } from 'node:path'
import { createValidator } from '../config/check.ts'
import { readDocument } from '../config/document.ts'
import { type Fault, type FaultLog, faultLog, type Path } from '../config/faults.ts'
import { childOf, type Node } from '../config/tree.ts'
import { readValues } from '../config/values.ts'
import { messageOf } from '../errors.ts'
import { objectSchema, readOptions } from '../options.ts'
import type { JsonObject } from '../record.ts'
import { type Case, readCase } from './case.ts'
import { type CaseValues, TEST_FILE_OPTIONS } from './case-options.ts'

/** The cases of one pipeline, and where they stand. */
export interface TestFile {
  /** As the user named it, and its text: `--update` writes it anew. */
  readonly file: string
  readonly text: string
  /** The pipeline file. */
  readonly pipeline: string
  readonly cases: readonly Case[]
  /** Where faults of its cases are collected: what they say can only be judged beside the pipeline. */
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
  const values = await checked(root, faults)
  if (faults.count > 0) return { kind: 'faults', faults: faults.list() }
  const { cases, pipeline, ...shared } = readOptions(TEST_FILE_OPTIONS, values)
  const named = pipeline === undefined ? file.replace(/\.test(\.ya?ml)$/, '$1') : join(dirname(file), pipeline)
  return whole({ file, text, pipeline: named, faults }, { root, path: ['cases'], cases, shared }, readText)
}

async function loadInline(file: string, text: Text, readText: ReadText): Promise<LoadedTests> {
  if (typeof text !== 'string') return unreadable(file, text.unreadable)
  const faults = faultLog(file, text)
  const root = readDocument(text, faults)
  const tests = root === undefined ? undefined : childOf(root, 'tests')
  // What is wrong with a pipeline is said when it is loaded as one.
  if (root === undefined || tests === undefined) return { kind: 'none', pipeline: file }
  const own = {
    kind: 'map',
    start: tests.start,
    end: tests.end,
    entries: [{ key: 'cases', place: tests, value: tests }],
  } as const
  const values = await checked(own, faults)
  if (faults.count > 0) return { kind: 'faults', faults: faults.list() }
  const { cases, ...shared } = readOptions(TEST_FILE_OPTIONS, values)
  return whole({ file, text, pipeline: file, faults }, { root, path: ['tests'], cases, shared }, readText)
}

async function checked(root: Node, faults: FaultLog): Promise<JsonObject> {
  const schema = objectSchema(TEST_FILE_OPTIONS)
  const values = readValues(root, schema, [], NO_ENVIRONMENT, faults)
  await createValidator().check({ schema, values, node: root, path: [], at: { start: 0, end: 0 } }, faults)
  return values.value as JsonObject
}

/** Test files read no environment: placeholders in them stay as they are. */
const NO_ENVIRONMENT = { variables: undefined, files: new Map<string, string | undefined>() }

interface Written {
  readonly root: Node
  readonly path: Path
  readonly cases: readonly CaseValues[]
  readonly shared: { readonly environment: ReadonlyMap<string, string> | undefined; readonly start: string }
}

async function whole(
  file: Omit<TestFile, 'cases'>,
  { root, path, cases, shared }: Written,
  readText: ReadText,
): Promise<LoadedTests> {
  const folder = resolve(dirname(file.file))
  const reading = { root, faults: file.faults, readText: (name: string) => readText(join(folder, name)) }
  const read = await Promise.all(cases.map((values, index) => readCase(values, [...path, index], shared, reading)))
  if (file.faults.count > 0) return { kind: 'faults', faults: file.faults.list() }
  return { kind: 'ok', tests: { ...file, cases: read } }
}

function unreadable(file: string, reason: string): LoadedTests {
  const faults = faultLog(file, '')
  faults.add({ code: 'SR_DEFINITION_UNREADABLE', at: { start: 0, end: 0 }, message: `cannot be read: ${reason}` })
  return { kind: 'faults', faults: faults.list() }
}
