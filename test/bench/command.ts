import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench, Findings, Job } from './bench.ts'
import { isReached } from './bench.ts'
import { makeEvents, makeReadings, makeTable } from './inputs.ts'
import { type JobRow, renderTable } from './table.ts'

/** What one command measures. */
export interface BenchCommand {
  /** As one types it: `npm run bench`. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  /** In the order in which they run. */
  readonly jobs: readonly Job[]
}

function usageOf({ name, summary, jobs }: BenchCommand): string {
  return `usage: ${name} -- [JOB...] [--runs N] [--count N] [--profile] [--json]

${summary}

  --runs N    how often each process runs; the medians count (default: 3)
  --count N   events of an input (default: 1000000)
  --profile   say where the CPU time of the jobs on whole files goes
  --json      the results as data

${jobs.map((job) => `  ${job.name.padEnd(10)}${job.summary}`).join('\n')}
`
}

const OPTIONS = {
  runs: { type: 'string', default: '3' },
  count: { type: 'string', default: '1000000' },
  profile: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

/** 0: all ran, and every output was right, whether the targets were reached or not; 1: a job failed; 64: usage. */
export async function runBench(bench: BenchCommand, args: readonly string[]): Promise<number> {
  const command = readCommand(args, bench.jobs)
  if (typeof command === 'string') {
    process.stderr.write(`${command}\n${usageOf(bench)}`)
    return 64
  }
  const results: JobResult[] = []
  for (const job of command.jobs) results.push(await runJob(job, command))
  process.stdout.write(command.json ? `${JSON.stringify({ machine: machine(), results }, null, 2)}\n` : report(results))
  return results.some(({ failed }) => failed !== undefined) ? 1 : 0
}

interface Command extends Pick<Bench, 'count' | 'runs' | 'profile'> {
  readonly jobs: readonly Job[]
  readonly json: boolean
}

/** What was asked for, or what is wrong with it. */
function readCommand(args: readonly string[], known: readonly Job[]): Command | string {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const unknown = positionals.find((word) => !known.some(({ name }) => name === word))
    if (unknown !== undefined) return `no job is called ${unknown}`
    const [runs, count] = [Number(values.runs), Number(values.count)]
    if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(count) && count > 0)) return 'write a whole number'
    const jobs = known.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
    return { jobs, runs, count, profile: values.profile, json: values.json }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

interface JobResult extends Findings {
  readonly job: string
  readonly failed?: string
}

/** A job that fails does not keep the others from running. */
async function runJob(job: Job, { count, runs, profile }: Command): Promise<JobResult> {
  const place = mkdtempSync(join(tmpdir(), 'streamrun-bench-'))
  const say = (text: string) => process.stderr.write(`${job.name}: ${text}\n`)
  const bench: Bench = {
    count,
    runs,
    profile,
    say,
    events: (events) => makeEvents(events, say),
    table: (rows) => makeTable(rows, say),
    readings: (readings, sensors) => makeReadings(readings, sensors, say),
    folder: () => mkdtempSync(join(place, 'run-')),
  }
  try {
    return { job: job.name, ...(await job.run(bench)) }
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error)
    say(`failed: ${failed}`)
    return { job: job.name, rows: [], failed }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

function report(results: readonly JobResult[]): string {
  const rows = results.flatMap(({ job, rows }) => rows.map((row): JobRow => ({ job, ...row })))
  const notes = results.flatMap(({ job, notes = [] }) => ['', `${job}:`, ...notes].slice(notes.length > 0 ? 0 : 3))
  const failures = results
    .filter(({ failed }) => failed !== undefined)
    .map(({ job, failed }) => `${job} FAILED: ${failed}`)
  return [machine(), '', renderTable(rows), ...notes, '', ...failures, verdict(rows), ''].join('\n')
}

function verdict(rows: readonly JobRow[]): string {
  const reached = rows.flatMap(({ result }) => (result === undefined ? [] : [isReached(result)]))
  const count = (wanted: boolean) => reached.filter((one) => one === wanted).length
  return `${count(true)} targets reached, ${count(false)} missed`
}

function machine(): string {
  const processors = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  return `Node ${process.version} on ${process.platform} ${process.arch}, ${processors.length} x ${processors[0]?.model ?? 'CPU'}, ${memory} GiB`
}
