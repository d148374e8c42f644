import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../engine/random.ts'
import file from '../../plugins/channels/file/index.ts'
import filter from '../../plugins/processors/filter/index.ts'
import {
  abort,
  collectingSink,
  lines,
  listSource,
  manualClock,
  memoryStorage,
  pause,
  runPipeline,
  type Step,
} from '../contract/index.ts'
import window from './counting-window.ts'
import silence from './silence.ts'

const DONE = { exitCode: 0, error: undefined }

const at = (...times: string[]) => lines(...times.map((time) => JSON.stringify({ at: `2020-02-03T${time}Z` })))
const TIMES = ['12:00:01', '12:00:03', '12:00:11', '12:00:12', '12:00:35', '12:00:31', '12:00:36', '12:00:58']

const turns = async () => {
  for (let n = 0; n < 30; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** Runs to the end, through all kills, and says what came out. */
async function outcomeOf(steps: readonly Step[]): Promise<{ out: unknown; late: unknown }> {
  const [out, late] = [collectingSink(), collectingSink()]
  let run = await runPipeline({
    sources: { in: { ...listSource(...steps), timestamp: { from: 'at', out_of_orderness: '2s' } } },
    processors: { counts: { plugin: window }, minutes: { plugin: window, options: { size: '1m' } } },
    sinks: {
      out: { plugin: out.plugin, from: ['counts', 'minutes'] },
      late: { plugin: late.plugin, from: 'counts.late' },
    },
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
    const undisturbed = await outcomeOf(TIMES.map((time) => at(time)))
    const killed = await outcomeOf(TIMES.flatMap((time) => [at(time), abort()]))
    expect(killed).toEqual(undisturbed)
    for (let step = 1; step < TIMES.length; step++) {
      const steps = TIMES.map((time) => at(time))
      expect(await outcomeOf(steps.toSpliced(step, 0, abort()))).toEqual(undisturbed)
    }
  })

  it('comes back in the middle of a wake-up that makes more than fits, and nothing comes twice', async () => {
    const keys = Array.from({ length: 2000 }, (_, n) => JSON.stringify({ at: '2020-02-03T12:00:01Z', key: `k${n}` }))
    const out = collectingSink()
    const source = listSource(lines(...keys), at('12:00:30'), pause())
    let run = await runPipeline({
      sources: { in: { ...source, timestamp: { from: 'at' } } },
      processors: { counts: { plugin: window } },
      sinks: { out },
      checkpointInterval: 1,
    })
    for (const written of [300, 900, 1500]) {
      await out.until(({ values }) => values.length >= written)
      await run.kill()
      run = await run.resume()
    }
    await out.until(({ values }) => values.length >= 2000)
    expect(new Set(out.values.map((value) => (value as { key: string }).key)).size).toBe(2000)
    expect(out.values).toHaveLength(2000)
    run.stop()
    expect(await run.ended).toEqual(DONE)
  })

  it('belongs to its definition: another one is refused, says what would be kept, and yields to a reset', async () => {
    const storage = memoryStorage()
    const source = listSource(at('12:00:01'), pause(), at('12:00:02'), pause(), at('12:00:03'), pause())
    const out = collectingSink()
    const start = (size: string, names: readonly string[] = []) =>
      runPipeline(
        {
          sources: { in: { ...source, timestamp: { from: 'at' } } },
          processors: { counts: { plugin: window, options: { size } } },
          sinks: { out },
        },
        { storage, reset: { all: false, names } },
      )
    const first = await start('10s')
    await source.atPause()
    first.stop()
    expect(await first.ended).toEqual(DONE)
    const refused = await (await start('20s')).ended
    expect(refused).toMatchObject({ exitCode: 75, error: { code: 'SR_STATE_MISMATCH' } })
    expect(String((refused as { error: Error }).error.message)).toMatch(
      'counts changed what its state depends on. --reset-state counts would keep the state of in',
    )
    const reset = await start('20s', ['counts'])
    source.go()
    await source.atPause()
    source.go()
    await source.atPause()
    await turns()
    reset.stop()
    expect(await reset.ended).toEqual(DONE)
    source.go()
    const last = await start('20s')
    expect(await last.ended).toEqual(DONE)
    expect(out.values).toMatchObject([{ at: '12:00:00', count: 2 }])
  })

  it('is woken by the clock for what fell due while it was down only when the sources have caught up', async () => {
    const clock = manualClock()
    const out = collectingSink()
    const source = listSource(at('12:00:01'), pause(), at('12:00:02'), at('12:00:03'), pause())
    const run = await runPipeline(
      { sources: { in: source }, processors: { silence: { plugin: silence } }, sinks: { out } },
      { clock },
    )
    await out.until(({ values }) => values.length === 1)
    await source.atPause()
    run.stop()
    await run.ended
    clock.advance(3_600_000)
    source.go()
    const again = await run.resume()
    await out.until(({ values }) => values.length === 3)
    await turns()
    clock.advance(4999)
    await turns()
    expect(out.values).toEqual(['record', 'record', 'record'])
    clock.advance(1)
    await out.until(({ values }) => values.length === 4)
    expect(out.values.at(-1)).toBe('silence')
    again.stop()
    expect(await again.ended).toEqual(DONE)
  })
})

describe('a pipeline with two sources, a channel on disk and windows of windows', () => {
  const ids = (prefix: string, shift: number) =>
    Array.from({ length: 60 }, (_, n) => {
      const time = new Date(Date.UTC(2020, 1, 3) + (n * 7 + shift) * 1000).toISOString()
      return lines(JSON.stringify({ at: time, key: `${prefix}${n % 3}` }), JSON.stringify({ at: time, key: prefix }))
    })

  async function outcome(kills: (run: { kill(): Promise<void> }, ended: () => boolean) => Promise<void>) {
    const [out, minutes, late] = [collectingSink(), collectingSink(), collectingSink()]
    const timestamp = { from: 'at', out_of_orderness: '1s' }
    let isOver = false
    let run = await runPipeline({
      sources: {
        a: { ...listSource(...ids('a', 0)), timestamp },
        b: { ...listSource(...ids('b', 3)), timestamp },
      },
      channels: { disk: { plugin: file, from: ['a', 'b'] } },
      processors: {
        counts: { plugin: window, from: 'disk' },
        minutes: { plugin: window, options: { size: '1m' }, from: 'counts' },
      },
      sinks: {
        out: { plugin: out.plugin, from: 'counts' },
        'by-minute': { plugin: minutes.plugin, from: 'minutes' },
        late: { plugin: late.plugin, from: ['counts.late', 'minutes.late'] },
      },
      checkpointInterval: 2,
    })
    for (;;) {
      const current = run
      const ended = current.ended.then((how) => {
        isOver = how !== 'killed'
        return how
      })
      await kills(current, () => isOver)
      const how = await ended
      if (how !== 'killed') {
        expect(how).toEqual(DONE)
        const sorted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).toSorted()
        return { out: sorted(out.values), minutes: sorted(minutes.values), late: late.values }
      }
      run = await current.resume()
    }
  }

  it('gives what it gives undisturbed when it is killed again and again, at any moment', async () => {
    const undisturbed = await outcome(async () => {})
    expect(undisturbed.late).toEqual([])
    const total = undisturbed.out.reduce((sum, text) => sum + (JSON.parse(text) as { count: number }).count, 0)
    expect(total).toBe(240)
    const random = seededRandom(7)
    for (let round = 0; round < 6; round++) {
      let kills = 6
      const disturbed = await outcome(async (run, ended) => {
        if (kills-- === 0) return
        for (let n = random.next() * 60; n > 0 && !ended(); n--) await new Promise((resolve) => setImmediate(resolve))
        if (!ended()) await run.kill()
      })
      expect(disturbed).toEqual(undisturbed)
    }
  })
})

describe('two branches of one source', () => {
  it('meet in the order of time again, however their records are cut into batches', async () => {
    const times = Array.from({ length: 300 }, (_, n) => `12:0${Math.floor(n / 60)}:${String(n % 60).padStart(2, '0')}`)
    for (const steps of [[at(...times)], times.map((time) => at(time))]) {
      const [out, late] = [collectingSink(), collectingSink()]
      const even = { plugin: filter, options: { where: '$contains(at, /[02468]Z$/)' }, from: 'in' }
      const odd = { plugin: filter, options: { where: '$contains(at, /[13579]Z$/)' }, from: 'in' }
      const run = await runPipeline({
        sources: { in: { ...listSource(...steps), timestamp: { from: 'at' } } },
        processors: { even, odd, counts: { plugin: window, from: ['even', 'odd'] } },
        sinks: { out: { plugin: out.plugin, from: 'counts' }, late: { plugin: late.plugin, from: 'counts.late' } },
      })
      expect(await run.ended).toEqual(DONE)
      expect(late.values).toEqual([])
      expect(out.values.map((value) => (value as { count: number }).count)).toEqual(Array(30).fill(10))
    }
  })
})
