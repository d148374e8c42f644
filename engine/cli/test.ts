import { watch } from 'node:fs'
import { readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { type Fault, loadDefinition } from '../config/load.ts'
import { EXIT } from '../errors.ts'
import { builtinRegistry } from '../registry/index.ts'
import { diskStorage } from '../storage.ts'
import type { Case } from '../trial/case.ts'
import { type FileResult, isFailed, junitXml } from '../trial/junit.ts'
import { describeCase } from '../trial/report.ts'
import { checkCase, runCase } from '../trial/run-case.ts'
import { isTestFile, loadTests, type TestFile } from '../trial/test-file.ts'
import { canUpdate, updated } from '../trial/update.ts'
import { readText, reportFaults, reportingErrors, usesColours, writeErr, writeOut } from './common.ts'

export interface TestCommandOptions {
  readonly update?: true
  readonly watch?: true
  readonly junit?: string
}

/** `streamrun test`: exit code 65 when something did not come out as expected, 78 when a file is wrong. */
export function test(files: readonly string[], options: TestCommandOptions): Promise<number> {
  return reportingErrors(async () => {
    const named = files.length > 0 ? files : await findTestFiles('.')
    if (named.length === 0) writeErr('no file ends in .test.yaml here; name pipelines or test files\n')
    const code = await testAll(named, options)
    return options.watch ? watching(named, options) : code
  })
}

/** Below the working directory, but for what is hidden or installed. */
async function findTestFiles(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const found = entries.map(async (entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
    if (entry.isDirectory()) return findTestFiles(path)
    return isTestFile(entry.name) ? [path] : []
  })
  return (await Promise.all(found)).flat()
}

async function testAll(files: readonly string[], options: TestCommandOptions): Promise<number> {
  const started = systemClock().monotonic()
  const results: FileResult[] = []
  const faults: Fault[] = []
  const seen = new Set<string>()
  for (const file of files) {
    const loaded = await loadTests(file, readText)
    if (loaded.kind === 'none') writeOut(`${loaded.pipeline}: no tests\n`)
    if (loaded.kind === 'faults') faults.push(...loaded.faults)
    // A pipeline stands for its test file, which the shell may have named as well.
    if (loaded.kind !== 'ok' || seen.has(resolve(loaded.tests.file))) continue
    seen.add(resolve(loaded.tests.file))
    const outcome = await testFile(loaded.tests, options)
    if ('faults' in outcome) faults.push(...outcome.faults)
    else results.push(outcome)
  }
  if (faults.length > 0) reportFaults(faults, false)
  if (options.junit !== undefined) await writeFile(options.junit, junitXml(results))
  const all = results.flatMap(({ cases }) => cases)
  const failed = all.filter(({ result }) => isFailed(result)).length
  const seconds = ((systemClock().monotonic() - started) / 1000).toFixed(1)
  writeOut(`${all.length - failed} passed, ${failed} failed (${seconds} s)\n`)
  if (faults.length > 0) return EXIT.definition
  return failed > 0 ? EXIT.testFailed : EXIT.done
}

type FileOutcome = FileResult | { readonly faults: readonly Fault[] }

async function testFile(tests: TestFile, options: TestCommandOptions): Promise<FileOutcome> {
  const definitions = await loadFor(tests)
  if ('faults' in definitions) return definitions
  for (const [one, definition] of definitions.loaded) checkCase(one, definition, tests.faults)
  if (tests.faults.count > 0) return { faults: tests.faults.list() }
  writeOut(`${tests.file}\n`)
  const cases: FileResult['cases'][number][] = []
  for (const [one, definition] of definitions.loaded) {
    const started = systemClock().monotonic()
    const result = await runCase(one, definition, diskStorage())
    cases.push({ result, seconds: (systemClock().monotonic() - started) / 1000 })
    writeOut(`${describeCase(result, tests).map(painted).join('\n')}\n`)
  }
  if (options.update) await update(tests, cases)
  return { tests, cases }
}

/** The definition that each case runs: the pipeline file, read with the environment of the case. */
async function loadFor(
  tests: TestFile,
): Promise<{ readonly loaded: readonly (readonly [Case, Definition])[] } | { readonly faults: readonly Fault[] }> {
  const known = new Map<string, Definition>()
  const loaded: [Case, Definition][] = []
  for (const one of tests.cases) {
    const key = JSON.stringify(one.environment)
    const definition = known.get(key) ?? (await definitionFor(tests, one))
    if ('faults' in definition) return definition
    known.set(key, definition)
    loaded.push([one, definition])
  }
  return { loaded }
}

async function definitionFor(
  { pipeline }: TestFile,
  { environment }: Case,
): Promise<Definition | { readonly faults: readonly Fault[] }> {
  const sources = { storage: diskStorage(), environment, registry: builtinRegistry(), readText }
  const loaded = await loadDefinition(pipeline, sources)
  return loaded.kind === 'ok' ? loaded.definition : { faults: loaded.faults }
}

function painted(line: string): string {
  if (!usesColours(process.stdout)) return line
  const colour = /^ {2}ok/.test(line) ? 32 : /^ {2}FAIL/.test(line) ? 31 : undefined
  return colour === undefined ? line : `\u001b[${colour}m${line.slice(0, 6)}\u001b[39m${line.slice(6)}`
}

async function update({ file, text }: TestFile, cases: FileResult['cases']): Promise<void> {
  const failures = cases.flatMap(({ result }) => result.failures)
  const changed = updated(text, failures)
  if (changed !== text) await writeFile(file, changed)
  const [done, left] = [failures.filter(canUpdate).length, failures.filter((one) => !canUpdate(one)).length]
  if (done + left > 0) writeOut(`  ${file}: ${done} expectations updated, ${left} left to you\n`)
}

/** Runs them again whenever one of the files, or what stands beside it, changes; ends with a signal. */
function watching(files: readonly string[], options: TestCommandOptions): Promise<number> {
  return new Promise((resolve) => {
    let running = Promise.resolve()
    let asked = false
    const again = () => {
      if (asked) return
      asked = true
      running = running.then(async () => {
        // One save is several events: what comes until the turn is over belongs to it.
        await new Promise((turn) => systemClock().timer(100, () => turn(undefined)))
        asked = false
        writeOut('\n')
        await testAll(files, options)
      })
    }
    const folders = new Set(files.map((file) => join(file, '..')))
    const watchers = [...folders].map((folder) => watch(folder, again))
    writeOut('watching; Ctrl-C ends it\n')
    process.once('SIGINT', () => {
      for (const watcher of watchers) watcher.close()
      resolve(EXIT.done)
    })
  })
}
