import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Findings, Job, Row } from '../bench.ts'
import { type Contender, compare, type Figures, rowOf } from '../compare.ts'
import { compiled, measure } from '../measure.ts'
import { program } from '../pipelines.ts'
import { describeProfile, profiled, readProfile } from '../profile.ts'
import type { Sensors } from '../readings.ts'

/** Milliseconds that the readings are out of order at most. */
const OUT_OF_ORDERNESS = 500
const TARGET = { kind: 'at least', value: 0.8 } as const

export const tumbling: Job = {
  name: 'tumbling',
  summary: 'windows of 10 s by 10, 10,000 and 1,000,000 keys, beside a script with maps',
  async run(bench) {
    const races = [await grid(bench, 10, 10_000), await grid(bench, 10_000, 10_000), await grid(bench, 1e6, 10_000)]
    const [, some, many] = races.map(({ figures }) => figures.subject.cpuSeconds) as [number, number, number]
    const flat: Row = {
      who: 'CPU of 1,000,000 keys to 10,000',
      result: { value: many / some, unit: 'x', target: { kind: 'below', value: 3 } },
    }
    return { rows: [...races.flatMap(({ rows }) => rows), flat], notes: races.flatMap(({ notes }) => notes) }
  },
}

export const sliding: Job = {
  name: 'sliding',
  summary: 'windows of 10 s every 5 s by 10,000 keys, beside a script with maps',
  run: (bench) => grid(bench, 10_000, 5_000),
}

export const session: Job = {
  name: 'session',
  summary: 'sessions with a gap of 2 s by 10,000 keys, beside a script with maps',
  run: (bench) =>
    race(bench, 10_000, {
      processor: `{ type: window, session: 2s, by: sensor, aggregate: ${AGGREGATE} }`,
      script: ['sessions', 2_000, OUT_OF_ORDERNESS],
    }),
}

export const zScore: Job = {
  name: 'z-score',
  summary: 'a z-score rule by 10,000 keys, beside a script with a map',
  run: (bench) =>
    race(bench, 10_000, {
      processor: '{ type: anomaly, rules: [{ name: odd, z_score: { of: value, limit: 4 }, by: sensor, warm_up: 30 }] }',
      script: ['z-score', 4, 30],
      otherPort: 'alerts',
    }),
}

export const keys: Job = {
  name: 'keys',
  summary: 'peak memory while one window holds every key, each of one record',
  async run(bench) {
    const folder = bench.folder()
    const input = bench.readings(bench.count, 'new')
    const files = { input, output: join(folder, 'output.ndjson'), folder }
    const usage = await measure(
      pipeline(`{ type: window, every: 1d, by: sensor, aggregate: ${AGGREGATE} }`).program(files),
    )
    rmSync(folder, { recursive: true })
    const target = { kind: 'below', value: 1000 } as const
    return {
      rows: [
        {
          ...rowOf(`streamrun, ${bench.count.toLocaleString('en-US')} keys`, bench.count, usage),
          result: { value: usage.peakBytes / 1e6, unit: 'MB', target },
        },
      ],
    }
  },
}

const AGGREGATE = '{ n: $count($), sum: $sum(value), average: $average(value), users: $count($distinct(user)) }'

function grid(bench: Bench, sensors: number, slide: number) {
  return race(bench, sensors, {
    processor: `{ type: window, every: 10s, slide: ${slide}ms, by: sensor, aggregate: ${AGGREGATE} }`,
    script: ['windows', 10_000, slide, OUT_OF_ORDERNESS],
  })
}

interface Entry {
  /** YAML of the processor. */
  readonly processor: string
  /** The name of the script that does the same, and its arguments behind the files. */
  readonly script: readonly [name: string, ...args: number[]]
  /** Of the processor; somebody has to read it, and the script does not write it. */
  readonly otherPort?: string
}

async function race(
  bench: Bench,
  sensors: Sensors,
  { processor, script: [name, ...args], otherPort }: Entry,
): Promise<Findings & { readonly figures: { readonly subject: Figures }; readonly notes: readonly string[] }> {
  const input = bench.readings(bench.count, sensors)
  const subject = pipeline(processor, otherPort)
  const beside: Contender = {
    who: 'readline script',
    program: ({ input, output }) => ({
      script: compiled(`./scripts/${name}.js`),
      args: [input, output, ...args.map(String)],
    }),
  }
  const figures = await compare(bench, input, { subject, beside })
  const value = figures.beside.seconds / figures.subject.seconds
  const of = `${sensors.toLocaleString('en-US')} keys`
  return {
    rows: [
      rowOf(`${beside.who}, ${of}`, bench.count, figures.beside),
      { ...rowOf(`streamrun, ${of}`, bench.count, figures.subject), result: { value, unit: 'x', target: TARGET } },
    ],
    figures,
    notes: bench.profile ? await profileNotes(bench, input, subject, of) : [],
  }
}

/** With a checkpoint each second. */
function pipeline(processor: string, otherPort?: string): Contender {
  return {
    who: 'streamrun',
    program: ({ input, output, folder }) =>
      program(
        `name: bench
checkpoint: { interval: 1s }
sources:
  input:
    type: file-tail
    path: ${JSON.stringify(input)}
    follow: false
    timestamp: { from: at, out_of_orderness: ${OUT_OF_ORDERNESS}ms }
processors:
  work: ${processor}
sinks:
  output: { type: file, from: work, path: ${JSON.stringify(output)} }
${otherPort === undefined ? '' : `  other: { type: file, from: work.${otherPort}, path: ${JSON.stringify(join(folder, 'other.ndjson'))} }\n`}`,
        folder,
      ),
  }
}

async function profileNotes(bench: Bench, input: string, subject: Contender, of: string): Promise<string[]> {
  bench.say('profiling')
  const folder = bench.folder()
  await measure(profiled(subject.program({ input, output: join(folder, 'output.ndjson'), folder }), folder))
  return [`streamrun, ${of}, busy time of its main thread:`, ...describeProfile(readProfile(folder))]
}
