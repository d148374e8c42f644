import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, StreamrunError } from '../errors.ts'
import { isTestFile } from '../trial/test-file.ts'

/** What was searched for tests, and what was found. */
export interface Found {
  /** Pipelines and test files, in the order of the names on the command line. */
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/**
 * The files that `named` stand for: a folder stands for the tests below it, which are test files and pipelines with a
 * `tests:` of their own, but for what is hidden or installed.
 */
export async function findTests(named: readonly string[]): Promise<Found> {
  const found = await Promise.all(named.map(async (path) => ((await isFolder(path)) ? below(path) : one(path))))
  return { files: found.flatMap(({ files }) => files), folders: found.flatMap(({ folders }) => folders) }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function one(path: string): Found {
  return { files: [path], folders: [] }
}

async function below(folder: string): Promise<Found> {
  const entries = (await entriesOf(folder)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const found = entries.map(async (entry): Promise<Found> => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return NOTHING
    if (entry.isDirectory()) return below(path)
    return isTestFile(entry.name) || (await isPipelineWithTests(path)) ? one(path) : NOTHING
  })
  const all = await Promise.all(found)
  return { files: all.flatMap(({ files }) => files), folders: [folder, ...all.flatMap(({ folders }) => folders)] }
}

const NOTHING: Found = { files: [], folders: [] }

async function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new StreamrunError('SR_IO', `the folder ${folder} cannot be read: ${messageOf(error)}`, { cause: error })
  })
}

/** Other programs have YAML with `tests:` too: all that a pipeline must have stands in it as well. */
async function isPipelineWithTests(path: string): Promise<boolean> {
  if (!isYaml(path)) return false
  const text = await readFile(path, 'utf8').catch(() => '')
  return SECTIONS.every((section) => section.test(text))
}

const SECTIONS = [/^tests\s*:/m, /^sources\s*:/m, /^sinks\s*:/m]

export function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path)
}
