import { describe, expect, it } from 'vitest'
import { abort, collectingSink, lines, listSource, runPipeline, type Step } from '../contract/index.ts'
import window from './counting-window.ts'

const DONE = { exitCode: 0, error: undefined }

const at = (time: string) => lines(JSON.stringify({ at: `2020-02-03T${time}Z` }))
const TIMES = ['12:00:01', '12:00:03', '12:00:11', '12:00:12', '12:00:35', '12:00:31', '12:00:36', '12:00:58']

/** Runs to the end, through all kills, and says what came out. */
async function outcomeOf(steps: readonly Step[]): Promise<{ out: unknown; late: unknown }> {
  const [out, late] = [collectingSink(), collectingSink()]
  let run = await runPipeline({
    sources: { in: { ...listSource(...steps), timestamp: { from: 'at', out_of_orderness: '2s' } } },
    processors: { counts: { plugin: window }, minutes: { plugin: window, options: { size: '1m' } } },
    sinks: { out: { plugin: out.plugin, from: ['counts', 'minutes'] }, late: { plugin: late.plugin, from: 'counts.late' } },
  })
  for (let ended = await run.ended; ; ended = await run.ended) {
    if (ended !== 'killed') {
      expect(ended).toEqual(DONE)
      return { out: out.values, late: late.values }
    }
    run = await run.resume()
  }
}

describe('the state of a processor', () => {
  it('is what it was when the process is killed at every step', async () => {
    const undisturbed = await outcomeOf(TIMES.map(at))
    const killed = await outcomeOf(TIMES.flatMap((time) => [at(time), abort()]))
    expect(killed).toEqual(undisturbed)
    for (let step = 1; step < TIMES.length; step++) {
      expect(await outcomeOf(TIMES.map(at).toSpliced(step, 0, abort()))).toEqual(undisturbed)
    }
  })
})
