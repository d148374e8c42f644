import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Job } from '../bench.ts'
import { compiled, measure, median, type Program } from '../measure.ts'
import { streamrun } from '../pipelines.ts'

const STARTS = 10

/** From spawn to exit on an input of one line, beside a script that does the same. */
export const startUp: Job = {
  name: 'start-up',
  summary: `a pipeline on one line of input, from spawn to exit, median of ${STARTS}`,
  async run(bench) {
    bench.say(`${STARTS} starts`)
    const script = await medianMs(bench, ({ input, output }) => ({
      script: compiled('./scripts/json.js'),
      args: [input, output],
    }))
    const own = await medianMs(bench, ({ input, output, folder }) =>
      streamrun({ input, output, codec: 'json', follow: false }, folder),
    )
    return {
      rows: [
        { who: 'readline script', result: { value: script, unit: 'ms' } },
        { who: 'streamrun', result: { value: own, unit: 'ms', target: { kind: 'below', value: 300 } } },
      ],
    }
  },
}

interface Files {
  readonly input: string
  readonly output: string
  readonly folder: string
}

async function medianMs(bench: Bench, program: (files: Files) => Program): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < STARTS; run++) {
    const folder = bench.folder()
    const input = join(folder, 'input.ndjson')
    writeFileSync(input, '{"event_type":"purchase"}\n')
    const { seconds } = await measure(program({ input, output: join(folder, 'output.ndjson'), folder }))
    times.push(seconds * 1000)
  }
  return median(times)
}
