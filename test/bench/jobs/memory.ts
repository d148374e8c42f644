import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench, Job, Row } from '../bench.ts'
import { rowOf } from '../compare.ts'
import { measure } from '../measure.ts'
import { streamrun } from '../pipelines.ts'

/** The peak of the whole process, on an input and on one four times as large. */
export const memory: Job = {
  name: 'memory',
  summary: 'peak memory of the job json, on one input and on one four times as large',
  run: async (bench) => ({ rows: [await peak(bench, bench.count), await peak(bench, 4 * bench.count)] }),
}

async function peak(bench: Bench, count: number): Promise<Row> {
  const folder = bench.folder()
  const input = bench.events(count)
  bench.say(`${count.toLocaleString('en-US')} events`)
  const shape = { input, output: join(folder, 'output.ndjson'), codec: 'json', follow: false } as const
  const usage = await measure(streamrun(shape, folder))
  rmSync(folder, { recursive: true })
  const target = { kind: 'below', value: 150 } as const
  return {
    ...rowOf(`streamrun, ${count / 1e6} M events`, count, usage),
    result: { value: usage.peakBytes / 1e6, unit: 'MB', target },
  }
}
