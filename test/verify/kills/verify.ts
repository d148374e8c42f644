import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Random, seededRandom } from '../../../engine/random.ts'
import { filesIn, startStreamrun } from '../../streamrun.ts'
import { writeInput } from './input.ts'

const PIPELINE = resolve('test/verify/kills/pipeline.yaml')

export interface KillSettings {
  /** SIGKILLs in all, at least. */
  readonly kills: number
  readonly orders: number
  readonly seed: number
}

export interface KillReport {
  /** How many ended a process. */
  readonly killed: number
  /** Those at one of the first calls that change the disk, which are those of recovery. */
  readonly killedEarly: number
  /** Runs from an empty folder, through some kills, to the end of the input. */
  readonly rounds: number
  /** Lines of each output of an undisturbed run. */
  readonly lines: Readonly<Record<string, number>>
  /** Output that was not that of the undisturbed run, and the folder, which is kept, where it is. */
  readonly differences: readonly string[]
}

/**
 * Kills the pipeline with SIGKILL at random moments, lets it run on, and holds what it has written in the end against an
 * undisturbed run. Moments are calls that change the disk, before and after, and any moment in between by the clock.
 */
export async function verifyKills(settings: KillSettings, say: (text: string) => void): Promise<KillReport> {
  const random = seededRandom(settings.seed)
  const folder = mkdtempSync(join(tmpdir(), 'streamrun-verify-'))
  say('undisturbed')
  const undisturbed = await runUndisturbed(fresh(folder, 'undisturbed', settings))
  const differences: string[] = []
  const counts = { killed: 0, killedEarly: 0 }
  let rounds = 0
  while (counts.killed < settings.kills) {
    rounds += 1
    const cwd = fresh(folder, `round-${rounds}`, settings)
    const kills = Math.min(settings.kills - counts.killed, 1 + Math.floor(random.next() * 6))
    await killAgainAndAgain(cwd, kills, undisturbed, random, counts)
    await finish(cwd)
    const different = compare(undisturbed.output, outputOf(cwd))
    if (different.length > 0) differences.push(`${different.join(', ')} in ${cwd}`)
    else rmSync(cwd, { recursive: true })
    say(`${counts.killed} kills, ${rounds} rounds, ${differences.length} differences`)
  }
  // What differs stays for whoever looks into it.
  if (differences.length === 0) rmSync(folder, { recursive: true })
  return { ...counts, rounds, lines: linesOf(undisturbed.output), differences }
}

interface Undisturbed {
  readonly output: Readonly<Record<string, string>>
  /** How many calls change the disk. */
  readonly calls: number
  readonly milliseconds: number
}

function fresh(folder: string, name: string, { orders, seed }: KillSettings): string {
  const cwd = mkdtempSync(join(folder, `${name}-`))
  copyFileSync(PIPELINE, join(cwd, 'pipeline.yaml'))
  writeInput(cwd, orders, seed)
  return cwd
}

async function runUndisturbed(cwd: string): Promise<Undisturbed> {
  const begun = performance.now()
  await finish(cwd, { COUNT_TO: 'calls' })
  const milliseconds = performance.now() - begun
  return { output: outputOf(cwd), calls: Number(readFileSync(join(cwd, 'calls'), 'utf8')), milliseconds }
}

/** To the end of the input. */
async function finish(cwd: string, env: Record<string, string> = {}): Promise<void> {
  const { code, stderr } = await startStreamrun(['pipeline.yaml', '--quiet'], { cwd, faulty: true, env }).ended
  if (code !== 0 || stderr !== '') throw new Error(`streamrun ended with ${code}: ${stderr}`)
}

/** Until it was killed so often, or came to its end. */
async function killAgainAndAgain(
  cwd: string,
  kills: number,
  { calls, milliseconds }: Undisturbed,
  random: Random,
  counts: { killed: number; killedEarly: number },
): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const moment = drawMoment(random, calls, milliseconds)
    const { child, ended } = startStreamrun(['pipeline.yaml', '--quiet'], { cwd, faulty: true, env: moment.env })
    const timer = setTimeout(() => child.kill('SIGKILL'), moment.after)
    const { code, signal, stderr } = await ended
    clearTimeout(timer)
    if (signal === 'SIGKILL') {
      counts.killed += 1
      if (moment.isEarly) counts.killedEarly += 1
    } else if (code === 0) return
    else throw new Error(`streamrun ended with ${code ?? signal}: ${stderr}`)
  }
}

interface Moment {
  readonly env: Record<string, string>
  /** Milliseconds after the start; never comes where a call is named. */
  readonly after: number
  readonly isEarly: boolean
}

function drawMoment(random: Random, calls: number, milliseconds: number): Moment {
  const kind = random.next()
  if (kind < 0.4) return { env: {}, after: random.next() * milliseconds, isEarly: false }
  const isEarly = kind < 0.6
  const call = 1 + Math.floor(random.next() * (isEarly ? EARLY_CALLS : calls))
  const env = { KILL_AT: String(call), ...(random.next() < 0.5 && { KILL_WHEN: 'before' }) }
  return { env, after: LONG, isEarly }
}

const EARLY_CALLS = 30
const LONG = 600_000

/** What a user has in the end: files, and what was refused. */
function outputOf(cwd: string): Record<string, string> {
  const letters = Object.values(filesIn(join(cwd, '.streamrun/kills/dead-letters')))
  const raws = letters
    .join('')
    .split('\n')
    .filter(Boolean)
    .map((line) => String(JSON.parse(line).raw))
  const { 'pairs.ndjson': pairs = '', ...files } = filesIn(join(cwd, 'out'))
  // Which of two sources is ahead is chance, so only the order of these lines may differ.
  return { ...files, 'pairs.ndjson': sorted(pairs.split('\n')), 'dead letters': sorted(raws) }
}

function sorted(lines: readonly string[]): string {
  return lines
    .filter(Boolean)
    .toSorted()
    .map((line) => `${line}\n`)
    .join('')
}

/** The names of what differs. */
function compare(expected: Readonly<Record<string, string>>, found: Readonly<Record<string, string>>): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])]
  return names.filter((name) => expected[name] !== found[name])
}

function linesOf(output: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(output).map(([name, text]) => [name, text.split('\n').length - 1]))
}
