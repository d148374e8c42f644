import type { Job } from '../bench.ts'
import { compiled, measure, quantile } from '../measure.ts'
import { whileFollowing } from './following.ts'

const SECONDS = 10
const LINES = SECONDS * 1000

/** From just before a line is written to the tailed file, to the read that finds it in the output file. */
export const latency: Job = {
  name: 'latency',
  summary: `one JSON line a millisecond for ${SECONDS} s, from tailed file to output file`,
  async run(bench) {
    bench.say(`${SECONDS} seconds`)
    const { used: probe, usage } = await whileFollowing(bench, 'json', ({ tailed, delivered }) =>
      measure({ script: compiled('./scripts/probe.js'), args: [tailed, delivered, String(LINES)] }),
    )
    const { cpuSeconds, peakBytes } = usage
    const { latencies, gaps } = JSON.parse(probe.stdout) as { latencies: number[]; gaps: number[] }
    const ms = (share: number) => quantile(latencies, share) / 1000
    return {
      rows: [
        {
          who: 'streamrun',
          cpuSeconds,
          peakBytes,
          result: { of: 'p50', value: ms(0.5), unit: 'ms', target: { kind: 'below', value: 2 } },
        },
        { who: '', result: { of: 'p99', value: ms(0.99), unit: 'ms', target: { kind: 'below', value: 10 } } },
      ],
      notes: [
        `p99.9 ${ms(0.999).toFixed(2)} ms, longest ${ms(1).toFixed(2)} ms; the observer looked every ${(quantile(gaps, 0.5) / 1000).toFixed(2)} ms (p99 ${(quantile(gaps, 0.99) / 1000).toFixed(2)} ms), by which a latency may be too long`,
      ],
    }
  },
}
