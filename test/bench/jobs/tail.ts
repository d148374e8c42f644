import { statSync } from 'node:fs'
import type { Bench, Job } from '../bench.ts'
import { type Figures, hashFile, medians, rowOf } from '../compare.ts'
import { compiled, measure, median } from '../measure.ts'
import { reached, whileFollowing } from './following.ts'

/** The rate is that between the first and the last line delivered; CPU and memory are those of the whole process. */
export const tail: Job = {
  name: 'tail',
  summary: 'lines of a file that another process appends to at full speed',
  async run(bench) {
    const all: Tailed[] = []
    for (let run = 1; run <= bench.runs; run++) {
      bench.say(`run ${run} of ${bench.runs}`)
      all.push(await tailOnce(bench))
    }
    const figures = medians(all)
    const appended = bench.count / median(all.map(({ appendSeconds }) => appendSeconds))
    const target = { kind: 'at least', value: 500_000 } as const
    return {
      rows: [
        {
          ...rowOf('streamrun', bench.count, figures),
          result: { value: bench.count / figures.seconds, unit: '/s', target },
        },
      ],
      notes: [`the writer appended ${Math.round(appended).toLocaleString('en-US')} lines/s`],
    }
  },
}

interface Tailed extends Figures {
  readonly appendSeconds: number
}

async function tailOnce(bench: Bench): Promise<Tailed> {
  const input = bench.events(bench.count)
  const { used, usage } = await whileFollowing(bench, 'lines', async ({ tailed, delivered }, signal) => {
    const before = statSync(delivered).size
    const writer = measure({ script: compiled('./scripts/append.js'), args: [input, tailed] })
    const seconds = await timeDelivery(delivered, { before, more: statSync(input).size, signal })
    const { seconds: appendSeconds } = await writer
    if ((await hashFile(tailed)) !== (await hashFile(delivered))) throw new Error('delivered is not what was appended')
    return { seconds, appendSeconds }
  })
  return { cpuSeconds: usage.cpuSeconds, peakBytes: usage.peakBytes, ...used }
}

/** Seconds from the first byte after `before` to the last of so many more. */
async function timeDelivery(
  path: string,
  { before, more, signal }: { before: number; more: number; signal: AbortSignal },
): Promise<number> {
  await reached(path, before + 1, signal)
  const begun = performance.now()
  await reached(path, before + more, signal)
  return (performance.now() - begun) / 1000
}
