import { createHash } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Bench, Row } from './bench.ts'
import { measure, median, type Program } from './measure.ts'

/** One of two ways to do the same work. */
export interface Contender {
  readonly who: string
  /** The process that reads `input` and writes `output`; what else it needs goes into `folder`. */
  program(files: { readonly input: string; readonly output: string; readonly folder: string }): Program
}

/** Medians over the runs. */
export interface Figures {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
}

/**
 * Runs both in turn, so that a slow minute of the machine is shared by both, and throws when their outputs differ in a
 * single byte.
 */
export async function compare(
  bench: Bench,
  input: string,
  contenders: { readonly subject: Contender; readonly beside: Contender },
): Promise<{ readonly subject: Figures; readonly beside: Figures }> {
  const subject: Figures[] = []
  const beside: Figures[] = []
  const hashes = new Set<string>()
  for (let run = 1; run <= bench.runs; run++) {
    bench.say(`run ${run} of ${bench.runs}`)
    beside.push(await runOnce(bench, input, contenders.beside, hashes))
    subject.push(await runOnce(bench, input, contenders.subject, hashes))
    if (hashes.size > 1)
      throw new Error(`${contenders.subject.who} and ${contenders.beside.who} differ in their output`)
  }
  return { subject: medians(subject), beside: medians(beside) }
}

/** A row of the table from what was measured on `events` events. */
export function rowOf(who: string, events: number, { seconds, cpuSeconds, peakBytes }: Figures): Row {
  return { who, eventsPerSecond: events / seconds, cpuSeconds, eventsPerCpuSecond: events / cpuSeconds, peakBytes }
}

export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  return hash.digest('hex')
}

/** Of each figure by itself. */
export function medians(figures: readonly Figures[]): Figures {
  return {
    seconds: median(figures.map(({ seconds }) => seconds)),
    cpuSeconds: median(figures.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: median(figures.map(({ peakBytes }) => peakBytes)),
  }
}

async function runOnce(bench: Bench, input: string, contender: Contender, hashes: Set<string>): Promise<Figures> {
  const folder = bench.folder()
  const output = join(folder, 'output.ndjson')
  const usage = await measure(contender.program({ input, output, folder }))
  hashes.add(await hashFile(output))
  // At once, so that the system does not write it to disk while the next one is measured.
  rmSync(folder, { recursive: true })
  return usage
}
