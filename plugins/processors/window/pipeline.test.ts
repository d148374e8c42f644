import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../engine/random.ts'
import {
  abort,
  collectingSink,
  listSource,
  type ManualClock,
  manualClock,
  pause,
  records,
  runPipeline,
  type Step,
} from '../../../test/contract/index.ts'

const START = Date.parse('2026-03-01T00:00:00Z')

const PIPELINE = `
name: windows
checkpoint: { interval: 1s }
sources:
  in: { type: testing-list, timestamp: { from: at, format: epoch_ms, out_of_orderness: 5s } }
processors:
  tumbling:
    type: window
    from: in
    every: 10s
    by: bucket
    lateness: 5s
    aggregate: { n: $count($), sum: $sum(price), users: $count($distinct(user)), all: '$join(user, ",")' }
  sliding: { type: window, from: in, every: 10s, slide: 4s, aggregate: { n: $count($), mean: $average(price) } }
  session: { type: window, from: in, session: 2s, by: user, aggregate: { n: $count($), last: 'price[-1]' } }
  counted: { type: window, from: in, count: 7, by: bucket, aggregate: { n: $count($), sum: $sum(price) } }
sinks:
  tumbled: { type: testing-collect, from: tumbling }
  slid: { type: testing-collect, from: sliding }
  sessions: { type: testing-collect, from: session }
  counts: { type: testing-collect, from: counted }
  late: { type: testing-collect, from: [tumbling.late, sliding.late, session.late, counted.late] }
`

describe('a pipeline with windows', () => {
  it('gives what an undisturbed run gives when it is killed anywhere and goes on from its checkpoints', async () => {
    const steps = events(40)
    const whole = await run(steps)
    expect(whole.tumbled?.length).toBeGreaterThan(20)
    expect(whole.late?.length).toBeGreaterThan(0)
    for (let cut = 3; cut < 38; cut += 5) {
      const behind = [...steps.slice(cut, cut + 2), abort(), ...steps.slice(cut + 2)]
      expect(await run([...steps.slice(0, cut), pause(), ...behind])).toEqual(whole)
    }
  })

  it('closes its windows by the clock when its source has nothing more to say', async () => {
    const clock = manualClock(START)
    const sink = collectingSink()
    const source = listSource(records({ at: START, bucket: 'a' }), pause())
    const text = `
name: idle
sources: { in: { type: testing-list, timestamp: { from: at, format: epoch_ms, idle: 30s } } }
processors: { w: { type: window, every: 10s, by: bucket, aggregate: { n: $count($) } } }
sinks: { out: { type: testing-collect } }`
    const running = await runPipeline(text, {
      clock,
      plugins: [source.plugin, sink.plugin],
      replace: { out: { plugin: sink.plugin } },
    })
    await source.atPause()
    await until(() => sink.values.length > 0, clock)
    expect(sink.values).toEqual([expect.objectContaining({ bucket: 'a', n: 1 })])
    running.stop()
    source.go()
    expect(await running.ended).toMatchObject({ exitCode: 0 })
  })
})

/** Batches of events, some of them out of order and a few too late. */
function events(batches: number): Step[] {
  const random = seededRandom(3)
  return Array.from({ length: batches }, (_, batch) => {
    const values = Array.from({ length: 12 }, (_, index) => {
      const late = random.next() < 0.02 ? 40_000 : 0
      const at = START + batch * 3_000 + index * 250 - Math.floor(random.next() * 5_000) - late
      const price = Math.floor(random.next() * 10_000) / 100
      return { at, price, bucket: `b${Math.floor(random.next() * 3)}`, user: `u${Math.floor(random.next() * 9)}` }
    })
    return records(...values)
  })
}

const SINKS = ['tumbled', 'slid', 'sessions', 'counts', 'late'] as const

/** At each pause a checkpoint is made. */
async function run(steps: readonly Step[]) {
  const clock = manualClock(START)
  const source = listSource(...steps)
  const sinks = SINKS.map((name) => [name, collectingSink()] as const)
  const replace = Object.fromEntries(sinks.map(([name, { plugin }]) => [name, { plugin }]))
  const settings = { clock, plugins: [source.plugin, collectingSink().plugin], replace }
  let running = await runPipeline(PIPELINE, settings)
  const place = steps.findIndex(({ kind }) => kind === 'pause')
  if (place >= 0) {
    await source.atPause()
    await until(() => source.committed === place, clock)
    source.go()
    expect(await running.ended).toBe('killed')
    running = await running.resume()
    await source.atPause()
    source.go()
  }
  expect(await running.ended).toMatchObject({ exitCode: 0 })
  return Object.fromEntries(sinks.map(([name, { values }]) => [name, [...values]]))
}

async function until(met: () => boolean, clock: ManualClock): Promise<void> {
  for (let second = 0; second < 1000 && !met(); second++) {
    clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(met()).toBe(true)
}
