import { describe, expect, it } from 'vitest'
import fileChannel from '../../plugins/channels/file/index.ts'
import memory from '../../plugins/channels/memory/index.ts'
import filter from '../../plugins/processors/filter/index.ts'
import {
  collectingSink,
  end,
  lines,
  listSource,
  manualClock,
  type Part,
  pause,
  runPipeline,
} from '../contract/index.ts'
import window from './counting-window.ts'

const DONE = { exitCode: 0, error: undefined }
const TIMED = { from: 'at' }

/** Lines of records at these times of a day long ago: `12:00:03`, or `12:00:03 key`. */
const at = (...times: string[]) =>
  lines(
    ...times.map((text) => {
      const [time, key] = text.split(' ')
      return JSON.stringify({ at: `2020-02-03T${time}Z`, ...(key === undefined ? {} : { key }) })
    }),
  )

/** `12:00:00 all 2` */
const shown = (values: readonly unknown[]) =>
  (values as { at: string; key: string; count: number }[]).map(({ at, key, count }) => `${at} ${key} ${count}`)

const turn = () => new Promise((resolve) => setImmediate(resolve))
async function turns(): Promise<void> {
  for (let n = 0; n < 30; n++) await turn()
}

const counts = (from?: string): Part<typeof window> => ({ plugin: window, ...(from === undefined ? {} : { from }) })

describe('event time', () => {
  it('closes windows of historical times as the records go by, and the last ones at the end of input', async () => {
    const source = listSource(at('12:00:03', '12:00:09', '12:00:11'), pause(), at('12:00:12', '12:00:25'))
    const sink = collectingSink()
    const run = await runPipeline({
      sources: { in: { ...source, timestamp: TIMED } },
      processors: { counts: counts() },
      sinks: { out: sink },
    })
    await source.atPause()
    await sink.until(({ values }) => values.length === 1)
    expect(shown(sink.values)).toEqual(['12:00:00 all 2'])
    source.go()
    expect(await run.ended).toEqual(DONE)
    expect(shown(sink.values)).toEqual(['12:00:00 all 2', '12:00:10 all 2', '12:00:20 all 1'])
  })

  it('judges each record by those before it, however they are cut into batches', async () => {
    const times = ['12:00:05', '12:00:15', '12:00:04', '12:00:10', '12:00:21', '12:00:19', '12:00:31']
    const whole = [at(...times)]
    const single = times.map((time) => at(time))
    for (const steps of [whole, single]) {
      const [out, late] = [collectingSink(), collectingSink()]
      const run = await runPipeline({
        sources: { in: { ...listSource(...steps), timestamp: { ...TIMED, out_of_orderness: '2s' } } },
        processors: { counts: counts() },
        sinks: { out, late: { plugin: late.plugin, from: 'counts.late' } },
      })
      expect(await run.ended).toEqual(DONE)
      expect(shown(out.values)).toEqual(['12:00:00 all 1', '12:00:10 all 3', '12:00:20 all 1', '12:00:30 all 1'])
      expect(late.values).toEqual([{ at: '2020-02-03T12:00:04Z' }])
    }
  })

  it('makes a dead letter of what has no time, no readable one, or one in the future, and is not moved by it', async () => {
    const source = listSource(
      at('12:00:05'),
      lines('{"no":"time"}', '{"at":"yesterday"}', '{"at":"9999-01-01T00:00:00Z"}'),
      at('12:00:06'),
    )
    const out = collectingSink()
    const run = await runPipeline({
      sources: { in: { ...source, timestamp: TIMED } },
      processors: { counts: counts() },
      sinks: { out },
    })
    expect(await run.ended).toEqual(DONE)
    expect(shown(out.values)).toEqual(['12:00:00 all 2'])
    expect((await run.deadLetters()).map(({ component, code, raw }) => [component, code, raw])).toEqual([
      ['in', 'SR_TIME_MISSING', '{"no":"time"}'],
      ['in', 'SR_TIME_UNREADABLE', '{"at":"yesterday"}'],
      ['in', 'SR_TIME_FUTURE', '{"at":"9999-01-01T00:00:00Z"}'],
    ])
  })

  it('waits for the slower of two sources, and for one that has said nothing yet', async () => {
    const ahead = listSource(at('12:00:01', '12:10:00'), pause())
    const behind = listSource(pause(), at('12:00:05', '12:00:15'), pause())
    const out = collectingSink()
    const run = await runPipeline(
      {
        sources: { ahead: { ...ahead, timestamp: TIMED }, behind: { ...behind, timestamp: TIMED } },
        processors: { counts: counts() },
        sinks: { out },
      },
      { clock: manualClock() },
    )
    await Promise.all([ahead.atPause(), behind.atPause()])
    await turns()
    expect(out.values).toEqual([])
    expect(run.pipeline.eventTime).toEqual({ watermark: undefined, lag: undefined, heldBy: 'behind' })
    behind.go()
    await behind.atPause()
    await out.until(({ values }) => values.length === 1)
    expect(shown(out.values)).toEqual(['12:00:00 all 2'])
    const watermark = Date.UTC(2020, 1, 3, 12, 0, 15)
    expect(run.pipeline.eventTime).toMatchObject({ watermark, heldBy: 'behind list' })
    run.stop()
    await run.ended
  })

  it('goes on without a partition that is silent for `idle`, and judges by the rules what it says later', async () => {
    const clock = manualClock()
    const active = listSource(at('12:00:01'), pause(), at('12:00:30'), pause())
    const silent = listSource(at('12:00:02'), pause(), at('12:00:03', '12:00:40'))
    const [out, late] = [collectingSink(), collectingSink()]
    const run = await runPipeline(
      {
        sources: {
          active: { ...active, timestamp: TIMED },
          silent: { ...silent, timestamp: { ...TIMED, idle: '5s' } },
        },
        processors: { counts: counts() },
        sinks: { out, late: { plugin: late.plugin, from: 'counts.late' } },
      },
      { clock },
    )
    await Promise.all([active.atPause(), silent.atPause()])
    active.go()
    await active.atPause()
    await turns()
    clock.advance(4999)
    await turns()
    expect(out.values).toEqual([])
    clock.advance(1)
    await out.until(({ values }) => values.length === 1)
    expect(shown(out.values)).toEqual(['12:00:00 all 2'])
    silent.go()
    await late.until(({ values }) => values.length === 1)
    expect(late.values).toEqual([{ at: '2020-02-03T12:00:03Z' }])
    run.stop()
    await run.ended
  })

  it('goes on at the pace of the clock when everything is idle', async () => {
    const clock = manualClock()
    const source = listSource(at('12:00:03', '12:00:08'), pause())
    const out = collectingSink()
    const run = await runPipeline(
      {
        sources: { in: { ...source, timestamp: { ...TIMED, idle: '30s' } } },
        processors: { counts: counts() },
        sinks: { out },
      },
      { clock },
    )
    await source.atPause()
    await turns()
    clock.advance(30_000)
    await turns()
    clock.advance(1999)
    await turns()
    expect(out.values).toEqual([])
    clock.advance(1)
    await out.until(({ values }) => values.length === 1)
    run.stop()
    await run.ended
  })

  it('lets the clock close windows where records have no time but their arrival', async () => {
    const clock = manualClock()
    const source = listSource(lines('{}', '{}'), pause())
    const out = collectingSink()
    const run = await runPipeline(
      { sources: { in: source }, processors: { counts: counts() }, sinks: { out } },
      { clock },
    )
    await source.atPause()
    await turns()
    clock.advance(9999)
    await turns()
    expect(out.values).toEqual([])
    clock.advance(1)
    await out.until(({ values }) => values.length === 1)
    expect(shown(out.values)).toEqual(['00:00:00 all 2'])
    run.stop()
    await run.ended
  })

  it('is the same behind filters, memory channels and channels on disk', async () => {
    for (const plugin of [memory, fileChannel]) {
      const clock = manualClock()
      const source = listSource(
        at('12:00:05', '12:00:15', '12:00:04', '12:00:10', '12:00:21'),
        at('12:00:09', '12:00:31'),
        pause(),
      )
      const [out, late] = [collectingSink(), collectingSink()]
      const run = await runPipeline(
        {
          sources: { in: { ...source, timestamp: { ...TIMED, out_of_orderness: '2s', idle: '1s' } } },
          processors: {
            some: { plugin: filter, options: { where: '$not($contains(at, "12:00:21"))' }, from: 'in' },
            counts: counts('between'),
          },
          channels: { between: { plugin, from: 'some' } },
          sinks: { out: { plugin: out.plugin, from: 'counts' }, late: { plugin: late.plugin, from: 'counts.late' } },
        },
        { clock },
      )
      await source.atPause()
      await out.until(({ values }) => values.length >= 2)
      clock.advance(1000)
      await turns()
      clock.advance(20_000)
      await out.until(({ values }) => values.length >= 3)
      expect(shown(out.values)).toEqual(['12:00:00 all 1', '12:00:10 all 2', '12:00:30 all 1'])
      expect(late.values).toEqual([{ at: '2020-02-03T12:00:04Z' }, { at: '2020-02-03T12:00:09Z' }])
      run.stop()
      await run.ended
    }
  })

  it('lets windows of windows close in order: those behind see a watermark that holds what is still to come', async () => {
    const source = listSource(at('12:00:05', '12:00:15', '12:00:59', '12:01:00', '12:01:40'), end())
    const [out, late] = [collectingSink(), collectingSink()]
    const run = await runPipeline({
      sources: { in: { ...source, timestamp: TIMED } },
      processors: { counts: counts(), minutes: { plugin: window, options: { size: '1m' } } },
      sinks: { out, late: { plugin: late.plugin, from: 'minutes.late' } },
    })
    expect(await run.ended).toEqual(DONE)
    expect(shown(out.values)).toEqual(['12:00:00 all 3', '12:01:00 all 2'])
    expect(late.values).toEqual([])
  })

  it('keeps open windows at a signal, and closes them when the input ends in a later run', async () => {
    const source = listSource(at('12:00:05'), pause(), at('12:00:06'))
    const out = collectingSink()
    const run = await runPipeline({
      sources: { in: { ...source, timestamp: TIMED } },
      processors: { counts: counts() },
      sinks: { out },
    })
    await source.atPause()
    run.stop()
    expect(await run.ended).toEqual(DONE)
    expect(out.values).toEqual([])
    const again = await run.resume()
    source.go()
    expect(await again.ended).toEqual(DONE)
    expect(shown(out.values)).toEqual(['12:00:00 all 2'])
  })
})
