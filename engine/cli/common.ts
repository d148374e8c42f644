import { isUtf8 } from 'node:buffer'
import { readFile, writeFile } from 'node:fs/promises'
import { parseEnv } from 'node:util'
import type { Definition } from '../config/definition.ts'
import { type Fault, renderFault } from '../config/faults.ts'
import { checkDefinitions, loadDefinition } from '../config/load.ts'
import { didYouMean } from '../config/nearest.ts'
import { EXIT, messageOf, StreamrunError } from '../errors.ts'
import { builtinRegistry } from '../registry/index.ts'
import { diskStorage, errorCode } from '../storage.ts'

/** Options that every command knows. */
export interface CommonOptions {
  readonly json?: true
  readonly stateDir?: string
  readonly envFile?: string
  /** False with --no-env. */
  readonly env?: boolean
}

/** Loads and checks every file, and hands them on; else reports all faults of all of them. Gives the exit code. */
export async function withDefinitions(
  files: readonly string[],
  options: CommonOptions,
  use: (definitions: readonly Definition[]) => Promise<number>,
): Promise<number> {
  return reportingErrors(async () => {
    const { definitions, faults } = await loadAll(files, options)
    if (faults.length === 0) return use(definitions)
    reportFaults(faults, options.json === true)
    return EXIT.definition
  })
}

/** The exit code that `work` gives, or that of the error that it ends with, which is reported. */
export async function reportingErrors(work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StreamrunError)) throw error
    writeErr(`${error.code} ${error.message}\n`)
    return error.exitCode
  }
}

interface Loaded {
  readonly definitions: readonly Definition[]
  readonly faults: readonly Fault[]
}

async function loadAll(files: readonly string[], options: CommonOptions): Promise<Loaded> {
  const environment = options.env === false ? undefined : await readEnvironment(options.envFile)
  const { stateDir } = options
  const sources = {
    storage: diskStorage(),
    environment,
    registry: builtinRegistry(),
    readText,
    ...(stateDir === undefined ? {} : { stateDir }),
  }
  const loaded = await Promise.all(files.map((file) => loadDefinition(file, sources)))
  const faults = loaded.flatMap((result) => (result.kind === 'faults' ? result.faults : []))
  const definitions = loaded.flatMap((result) => (result.kind === 'ok' ? [result.definition] : []))
  return { definitions, faults: [...faults, ...checkDefinitions(definitions)] }
}

/** Bytes of another encoding would come out as other characters, in paths too: better not read at all. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT' ? new Error(noSuchFile(path), { cause: error }) : error
  })
  if (!isUtf8(bytes)) throw new Error('it is no UTF-8 text; save it as UTF-8')
  return bytes.toString('utf8')
}

/** Writes a file that a command was asked for; throws SR_OUTPUT_CREATE. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw notWritten(path, error)
  })
}

/** What a command ends with when it cannot write a file. */
export function notWritten(path: string, error: unknown): StreamrunError {
  return new StreamrunError('SR_OUTPUT_CREATE', `${path} cannot be written: ${messageOf(error)}`, { cause: error })
}

/** Any word that is no command is taken for a file. */
function noSuchFile(path: string): string {
  const commands = [
    'run',
    'validate',
    'graph',
    'explain',
    'eval',
    'try',
    'test',
    'plugins',
    'init',
    'plugin',
    'topics',
    'read',
  ]
  const hint = didYouMean(path, [...commands, '--help'])
  return hint === undefined ? 'there is no such file' : `there is no such file; ${hint}`
}

/** The process's environment, and below it what a file of `NAME=value` lines says. */
export async function readEnvironment(file: string | undefined): Promise<Record<string, string>> {
  const own = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
  if (file === undefined) return own
  try {
    return { ...(parseEnv(await readFile(file, 'utf8')) as Record<string, string>), ...own }
  } catch (error) {
    throw new StreamrunError('SR_USAGE', `--env-file ${file}: ${messageOf(error)}`, { cause: error })
  }
}

/** Faults as text for people, or as one JSON array. */
export function reportFaults(faults: readonly Fault[], json: boolean): void {
  if (json) {
    writeOut(`${JSON.stringify(faults, null, 2)}\n`)
    return
  }
  const colours = usesColours(process.stderr)
  const rendered = faults.map((fault) => renderFault(fault, { colours }))
  writeErr(`${rendered.join('\n\n')}\n\n${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}\n`)
}

export function writeOut(text: string): void {
  process.stdout.write(text)
}

export function writeErr(text: string): void {
  process.stderr.write(text)
}

/** https://no-color.org: any value but the empty one turns colours off. */
export function usesColours(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true && !process.env.NO_COLOR
}

interface LiveOptions {
  readonly quiet?: true
  readonly json?: true
  readonly logFormat: 'text' | 'json'
}

/** Only for people who look: not into files, not for programs, not where nobody watches. */
export function wantsLiveView(
  { quiet, json, logFormat }: LiveOptions,
  stream: { readonly isTTY?: boolean },
  { TERM, CI }: NodeJS.ProcessEnv,
): boolean {
  const isWatched = stream.isTTY === true && TERM !== 'dumb' && (CI === undefined || CI === '' || CI === 'false')
  return isWatched && quiet !== true && json !== true && logFormat === 'text'
}
