import { resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { type Fault, loadDefinition } from '../config/load.ts'
import { EXIT } from '../errors.ts'
import { builtinRegistry } from '../registry/index.ts'
import { diskStorage, type Storage } from '../storage.ts'
import type { Case } from '../trial/case.ts'
import { type FileResult, isFailed, junitXml } from '../trial/junit.ts'
import { describeCase } from '../trial/report.ts'
import { checkCase, runCase } from '../trial/run-case.ts'
import { loadTests, type ReadText, type TestFile } from '../trial/test-file.ts'
import { canUpdate, updated } from '../trial/update.ts'
import { readText, reportFaults, reportingErrors, usesColours, writeErr, writeOut, writeText } from './common.ts'
import { FileWatch, noting } from './file-watch.ts'
import { findTests } from './test-files.ts'

export interface TestCommandOptions {
  readonly update?: true
  readonly watch?: true
  readonly junit?: string
}

/** `streamrun test`: exit code 65 when something did not come out as expected, 78 when a file is wrong. */
export function test(files: readonly string[], options: TestCommandOptions): Promise<number> {
  const named = files.length > 0 ? files : ['.']
  return reportingErrors(() => (options.watch ? watching(named, options) : testAll(named, options, {})))
}

/** Hears what a run reads. */
interface Listener {
  readonly note?: (path: string) => void
  readonly noteFolder?: (path: string) => void
}

async function testAll(named: readonly string[], options: TestCommandOptions, heard: Listener): Promise<number> {
  const started = systemClock().monotonic()
  const found = await findTests(named)
  for (const folder of found.folders) heard.noteFolder?.(folder)
  if (found.files.length === 0) writeErr(`there are no tests below ${named.join(', ')}: name pipelines or test files\n`)
  const disk = diskFor(heard)
  const results: FileResult[] = []
  const faults: Fault[] = []
  const seen = new Set<string>()
  for (const file of found.files) {
    const loaded = await loadTests(file, disk.readText)
    if (loaded.kind === 'none') writeOut(`${loaded.pipeline}: no tests\n`)
    if (loaded.kind === 'faults') faults.push(...loaded.faults)
    // A pipeline stands for its test file, which the shell may have named as well.
    if (loaded.kind !== 'ok' || seen.has(resolve(loaded.tests.file))) continue
    seen.add(resolve(loaded.tests.file))
    const outcome = await testFile(loaded.tests, options, disk)
    if ('faults' in outcome) faults.push(...outcome.faults)
    else results.push(outcome)
  }
  if (faults.length > 0) reportFaults(distinct(faults), false)
  if (options.junit !== undefined) await writeText(options.junit, junitXml(results))
  const all = results.flatMap(({ cases }) => cases)
  const failed = all.filter(({ result }) => isFailed(result)).length
  const seconds = ((systemClock().monotonic() - started) / 1000).toFixed(1)
  writeOut(`${all.length - failed} passed, ${failed} failed (${seconds} s)\n`)
  if (faults.length > 0) return EXIT.definition
  return failed > 0 ? EXIT.testFailed : EXIT.done
}

/** What tests and pipelines are read from. */
interface Disk {
  readonly storage: Storage
  readonly readText: ReadText
}

function diskFor({ note = () => {} }: Listener): Disk {
  const read: ReadText = (path) => {
    note(path)
    return readText(path)
  }
  return { storage: noting(diskStorage(), note), readText: read }
}

/** What is read both as a test and as a pipeline is wrong once. */
function distinct(faults: readonly Fault[]): Fault[] {
  const keyOf = ({ code, file, line, column, message }: Fault) => JSON.stringify([code, file, line, column, message])
  return [...new Map(faults.map((fault) => [keyOf(fault), fault])).values()]
}

type FileOutcome = FileResult | { readonly faults: readonly Fault[] }

async function testFile(tests: TestFile, options: TestCommandOptions, disk: Disk): Promise<FileOutcome> {
  const { loaded, faults } = await loadFor(tests, disk)
  for (const [one, definition] of loaded) checkCase(one, definition, tests.faults)
  if (tests.faults.count + faults.length > 0) return { faults: [...tests.faults.list(), ...faults] }
  writeOut(`${tests.file}\n`)
  const cases: FileResult['cases'][number][] = []
  for (const [one, definition] of loaded) {
    const started = systemClock().monotonic()
    const result = await runCase(one, definition, disk.storage)
    cases.push({ result, seconds: (systemClock().monotonic() - started) / 1000 })
    writeOut(`${describeCase(result, tests).map(painted).join('\n')}\n`)
  }
  if (options.update) await update(tests, cases)
  return { tests, cases }
}

interface LoadedFor {
  readonly loaded: readonly (readonly [Case, Definition])[]
  /** Of the pipeline. */
  readonly faults: readonly Fault[]
}

/** The definition that each case runs: the pipeline file, read with the environment of the case. */
async function loadFor(tests: TestFile, disk: Disk): Promise<LoadedFor> {
  const known = new Map<string, Definition>()
  const loaded: [Case, Definition][] = []
  // A pipeline whose `tests` are no cases is wrong, which is told when it is loaded.
  if (tests.cases.length === 0 && tests.faults.count === 0) {
    const definition = await definitionFor(tests, {}, disk)
    return { loaded, faults: 'faults' in definition ? definition.faults : [] }
  }
  for (const one of tests.cases) {
    const key = JSON.stringify(one.environment)
    const definition = known.get(key) ?? (await definitionFor(tests, one.environment, disk))
    if ('faults' in definition) return { loaded, faults: definition.faults }
    known.set(key, definition)
    loaded.push([one, definition])
  }
  return { loaded, faults: [] }
}

async function definitionFor(
  { pipeline }: TestFile,
  environment: Case['environment'],
  disk: Disk,
): Promise<Definition | { readonly faults: readonly Fault[] }> {
  const sources = { ...disk, environment, registry: builtinRegistry() }
  const loaded = await loadDefinition(pipeline, sources)
  return loaded.kind === 'ok' ? loaded.definition : { faults: loaded.faults }
}

function painted(line: string): string {
  if (!usesColours(process.stdout)) return line
  const colour = /^ {2}ok/.test(line) ? 32 : /^ {2}FAIL/.test(line) ? 31 : undefined
  return colour === undefined ? line : `\u001b[${colour}m${line.slice(0, 6)}\u001b[39m${line.slice(6)}`
}

async function update(tests: TestFile, cases: FileResult['cases']): Promise<void> {
  const failures = cases.flatMap(({ result }) => result.failures)
  for (const [file, text] of updated(tests, failures)) await writeText(file, text)
  const done = failures.filter((one) => canUpdate(one, tests)).length
  const left = failures.length - done
  if (done + left > 0) writeOut(`  ${tests.file}: ${done} expectations updated, ${left} left to you\n`)
}

/** Runs them, and again whenever a file changes that they read; ends with a signal. */
function watching(named: readonly string[], options: TestCommandOptions): Promise<number> {
  return new Promise((resolve) => {
    let asked = false
    const again = () => {
      if (asked) return
      asked = true
      running = running.then(async () => {
        // One save is several events: what comes until the turn is over belongs to it.
        await new Promise((turn) => systemClock().timer(100, () => turn(undefined)))
        asked = false
        writeOut('\n')
        return run()
      })
    }
    const watch = new FileWatch(again)
    const heard = { note: (path: string) => watch.note(path), noteFolder: (path: string) => watch.noteFolder(path) }
    const run = () => reportingErrors(() => testAll(named, options, heard))
    let running = run()
    running.then(() => writeOut('watching; Ctrl-C ends it\n'))
    process.once('SIGINT', () => {
      watch.close()
      resolve(EXIT.done)
    })
  })
}
