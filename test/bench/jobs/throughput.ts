import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Findings, Job, Result } from '../bench.ts'
import { type Contender, compare, rowOf } from '../compare.ts'
import { compiled, measure } from '../measure.ts'
import { FILE_CHANNEL, FILTER_AND_SET, type PipelineShape, streamrun } from '../pipelines.ts'
import { describeProfile, profiled, readProfile } from '../profile.ts'

export const lines: Job = {
  name: 'lines',
  summary: 'lines from file to file, beside a readline script',
  run: (bench) =>
    race(bench, {
      subject: runner('streamrun', { codec: 'lines' }),
      beside: script('lines'),
      target: { kind: 'at least', value: 4 },
    }),
}

export const json: Job = {
  name: 'json',
  summary: 'checked JSON from file to file, beside readline + JSON.parse + JSON.stringify',
  run: (bench) =>
    race(bench, {
      subject: runner('streamrun', { codec: 'json' }),
      beside: script('json'),
      target: { kind: 'at least', value: 2 },
    }),
}

export const channel: Job = {
  name: 'channel',
  summary: 'the job json through a file channel that is synced always, beside itself without it',
  run: (bench) =>
    race(bench, {
      subject: runner('streamrun, file channel', { codec: 'json', between: FILE_CHANNEL }),
      beside: runner('streamrun, direct', { codec: 'json' }),
      target: { kind: 'at least', value: 0.5 },
    }),
}

export const topic: Job = {
  name: 'topic',
  summary: 'the job json through an embedded topic, beside itself without it',
  run: (bench) =>
    race(bench, {
      subject: runner('streamrun, embedded topic', { codec: 'json', topic: true }),
      beside: runner('streamrun, direct', { codec: 'json' }),
      target: { kind: 'at least', value: 0.5 },
    }),
}

export const set: Job = {
  name: 'set',
  summary: 'JSON filter and a new field, both JSONata, beside the same in a readline script and in a tuned one',
  async run(bench) {
    const subject = runner('streamrun', { codec: 'json', between: FILTER_AND_SET })
    const plain = await race(bench, { subject, beside: script('set'), target: { kind: 'at least', value: 2 } })
    const beside = script('set-tuned', 'tuned script')
    const tuned = await race(bench, { subject, beside, target: { kind: 'at least', value: 0.7 } })
    const notes = bench.profile ? (tuned.notes ?? []) : await profileNotes(bench, subject)
    return { rows: [...plain.rows, ...tuned.rows], notes }
  },
}

interface Race {
  readonly subject: Contender
  readonly beside: Contender
  /** Of the ratio of their events per second; left out: it is only reported. */
  readonly target?: NonNullable<Result['target']>
}

async function race(bench: Bench, { subject, beside, target }: Race): Promise<Findings> {
  const figures = await compare(bench, bench.events(bench.count), { subject, beside })
  const ratio = figures.beside.seconds / figures.subject.seconds
  return {
    rows: [
      rowOf(beside.who, bench.count, figures.beside),
      {
        ...rowOf(subject.who, bench.count, figures.subject),
        result: { value: ratio, unit: 'x', ...(target && { target }) },
      },
    ],
    ...(bench.profile && { notes: await profileNotes(bench, subject) }),
  }
}

function runner(who: string, shape: Pick<PipelineShape, 'codec' | 'between' | 'topic'>): Contender {
  return {
    who,
    program: ({ input, output, folder }) => streamrun({ ...shape, input, output, follow: false }, folder),
  }
}

function script(name: string, who = 'readline script'): Contender {
  return {
    who,
    program: ({ input, output }) => ({ script: compiled(`./scripts/${name}.js`), args: [input, output] }),
  }
}

/** One more run, which no figure comes from. */
async function profileNotes(bench: Bench, { who, program }: Contender): Promise<string[]> {
  bench.say('profiling')
  const folder = bench.folder()
  const profiles = join(folder, 'profiles')
  mkdirSync(profiles)
  const files = { input: bench.events(bench.count), output: join(folder, 'output.ndjson'), folder }
  await measure(profiled(program(files), profiles))
  const profile = readProfile(profiles)
  const within = (profile.within('jsonata') * 100).toFixed(1)
  return [
    `${who}, busy time of its main thread (in jsonata with all that it calls: ${within} %):`,
    ...describeProfile(profile),
  ]
}
