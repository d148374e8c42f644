import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** A compiled Node program and its arguments. */
export interface Program {
  readonly script: string
  readonly args: readonly string[]
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[]
}

/** What a process has used from its spawn to its exit: Node's own start is in it. */
export interface Usage {
  readonly seconds: number
  /** User and system time of all its threads. */
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly stdout: string
}

export interface Running {
  /** Rejects with what it said on stderr when its exit code is not 0. */
  readonly ended: Promise<Usage>
  /** Asks it to end. */
  stop(): void
}

/** Runs a program to its end. */
export function measure(program: Program): Promise<Usage> {
  return start(program).ended
}

export function start({ script, args, nodeOptions = [] }: Program): Running {
  const begun = performance.now()
  const child = spawn(process.execPath, ['--import', USAGE, ...nodeOptions, script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const ended = Promise.all([
    new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve({ ended: code ?? signal, seconds: secondsSince(begun) }))
    }),
    ...child.stdio.slice(1).map((stream) => textOf(stream as NodeJS.ReadableStream)),
  ]).then(([exit, stdout = '', stderr = '', usage = '']) => {
    if (exit.ended !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${exit.ended}: ${stderr}`)
    return { seconds: exit.seconds, stdout, ...(JSON.parse(usage) as Pick<Usage, 'cpuSeconds' | 'peakBytes'>) }
  })
  // Whoever started it may be waiting for something else when it fails.
  ended.catch(() => {})
  return { ended, stop: () => child.kill('SIGTERM') }
}

/** The path of a compiled program, from its path beside this file. */
export function compiled(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** The smallest number that at least `share` of all do not exceed. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

const USAGE = new URL('./scripts/usage.js', import.meta.url).href

interface Exit {
  readonly ended: number | NodeJS.Signals | null
  readonly seconds: number
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}
