import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'

/** The built command line, as users run it: `npm test` builds before it tests. */
const MAIN = resolve('dist/bundle/streamrun.js')
const FAULTS = resolve('test/crash/faults.mjs')

export interface Ended {
  /** Undefined when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Load the script that makes the disk fail or kills the process, as `env` says (test/crash/faults.mjs). */
  readonly faulty?: boolean
  /** What comes on standard input; left out, there is none. */
  readonly input?: string
}

/** Starts streamrun; `ended` resolves when it has ended. */
export function startStreamrun(
  args: readonly string[],
  options: RunOptions,
): { child: ChildProcess; ended: Promise<Ended> } {
  const preload = options.faulty ? ['--import', FAULTS] : []
  const env = { ...process.env, NO_COLOR: '1', ...options.env }
  const child = spawn(process.execPath, [...preload, MAIN, ...args], {
    cwd: options.cwd,
    env,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  child.stdin?.end(options.input)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data) => {
    stdout += data
  })
  child.stderr?.on('data', (data) => {
    stderr += data
  })
  const ended = new Promise<Ended>((end, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => end({ code, signal, stdout, stderr }))
  })
  return { child, ended }
}

export function streamrun(args: readonly string[], options: RunOptions): Promise<Ended> {
  return startStreamrun(args, options).ended
}

/** An empty folder to run in, in which `examples` and `pipelines` are those of the repository. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-test-'))
  for (const name of ['examples', 'pipelines', 'schemas']) symlinkSync(resolve(name), join(folder, name))
  return folder
}

/** Relative path -> content of every file below a folder. */
export function filesIn(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)))
  const files = paths.filter((path) => statSync(path).isFile()).sort()
  return Object.fromEntries(files.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]))
}

/** Waits until a condition holds; the test's own timeout is the deadline. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((again) => setTimeout(again, 5))
}
