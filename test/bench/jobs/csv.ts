import { join } from 'node:path'
import type { Bench, Job } from '../bench.ts'
import { type Contender, compare, rowOf } from '../compare.ts'
import { compiled, measure } from '../measure.ts'
import { program } from '../pipelines.ts'
import { describeProfile, profiled, readProfile } from '../profile.ts'
import { TRANSACTION_TYPES } from '../transactions.ts'

/** Both write the same bytes: the rows as JSON, with numbers and booleans where the columns have a type. */
export const csv: Job = {
  name: 'csv',
  summary: 'CSV of 23 columns, 8 of them typed, to NDJSON, beside a csv-parse script',
  async run(bench) {
    const figures = await compare(bench, bench.table(bench.count), { subject: STREAMRUN, beside: SCRIPT })
    const ratio = figures.beside.seconds / figures.subject.seconds
    const perCpuSecond = bench.count / figures.subject.cpuSeconds
    return {
      rows: [
        rowOf(SCRIPT.who, bench.count, figures.beside),
        {
          ...rowOf(STREAMRUN.who, bench.count, figures.subject),
          result: { value: ratio, unit: 'x', target: { kind: 'at least', value: 3 } },
        },
        {
          who: 'the same, per CPU second',
          result: { value: perCpuSecond, unit: '/s', target: { kind: 'at least', value: 250_000 } },
        },
      ],
      ...(bench.profile && { notes: await profileNotes(bench) }),
    }
  },
}

const STREAMRUN: Contender = {
  who: 'streamrun',
  program: ({ input, output, folder }) =>
    program(
      `name: bench
sources:
  input: { type: csv, path: ${JSON.stringify(input)}, columns: ${JSON.stringify(TRANSACTION_TYPES)} }
sinks:
  output: { type: file, path: ${JSON.stringify(output)} }
`,
      folder,
    ),
}

const SCRIPT: Contender = {
  who: 'csv-parse script',
  program: ({ input, output }) => ({
    script: compiled('./scripts/csv.js'),
    args: [input, output, ...Object.entries(TRANSACTION_TYPES).map(([name, type]) => `${name}=${type}`)],
  }),
}

async function profileNotes(bench: Bench): Promise<string[]> {
  bench.say('profiling')
  const folder = bench.folder()
  const files = { input: bench.table(bench.count), output: join(folder, 'output.ndjson'), folder }
  await measure(profiled(STREAMRUN.program(files), folder))
  return ['streamrun, busy time of its main thread:', ...describeProfile(readProfile(folder))]
}
