import { describe, expect, it } from 'vitest'
import { collectingSink, listSource, manualClock, pause, records, runPipeline } from '../../test/contract/index.ts'
import { until } from '../../test/streamrun.ts'
import type { ByteOutput } from '../plugin.ts'
import { wantsLiveView } from './common.ts'
import { LiveView } from './live.ts'
import { FakeTerminal } from './terminal.fixture.ts'

function viewOn(columns = 70, rows = 12) {
  const terminal = new FakeTerminal(columns, rows)
  const clock = manualClock()
  return { terminal, clock, view: new LiveView(terminal, clock, false) }
}

/** A pipeline that has read one record and waits. */
async function waiting(name: string) {
  const sink = collectingSink()
  const run = await runPipeline({ name, sources: { in: listSource(records(1), pause()) }, sinks: { out: sink } })
  await until(() => sink.values.length === 1)
  return run
}

const TITLES = '                 in/s     out/s       total   waiting  failed'

describe('the view of the running pipelines', () => {
  it('shows all of them, at their rates, until the last one has ended', async () => {
    const { terminal, clock, view } = viewOn()
    const runs = [await waiting('first'), await waiting('second')] as const
    view.print('a log line\n')
    const [endFirst, endSecond] = [view.follow(runs[0].pipeline), view.follow(runs[1].pipeline)]
    expect(terminal.lines).toEqual(['a log line'])
    clock.advance(400)
    const rows = ['  in              2.5                     1', '  out                       2.5           1']
    const shown = (name: string) => [expect.stringMatching(`^${name}  0.4 s  1 read  2.5/s`), ...rows]
    expect(terminal.lines).toEqual(['a log line', TITLES, ...shown('first'), ...shown('second')])
    endFirst()
    view.print('first: 1 record\n')
    expect(terminal.lines).toEqual(['a log line', 'first: 1 record', TITLES, ...shown('second')])
    endSecond()
    expect(terminal.lines).toEqual(['a log line', 'first: 1 record'])
    expect(clock.waiting).toBe(0)
    for (const run of runs) run.stop()
    await Promise.all(runs.map(({ ended }) => ended))
  })

  it('stands below what a sink prints on the same terminal', async () => {
    const { terminal, clock, view } = viewOn()
    const run = await waiting('copy')
    const stop = view.follow(run.pipeline)
    clock.advance(200)
    const stdout: ByteOutput = {
      colours: false,
      rows: 12,
      write: async (chunks) => void terminal.write(Buffer.concat(chunks).toString()),
    }
    const output = view.above(stdout)
    await output.write([Buffer.from('{"n":1}\n'), Buffer.from('{"n":2}\n')])
    await output.write([Buffer.from('{"n":3}\n')])
    expect(terminal.lines.slice(0, 4)).toEqual(['{"n":1}', '{"n":2}', '{"n":3}', TITLES])
    expect([output.colours, output.rows]).toEqual([false, 12])
    stop()
    expect(terminal.lines).toEqual(['{"n":1}', '{"n":2}', '{"n":3}'])
    run.stop()
    await run.ended
  })

  it('is taken away before the process stops or ends, and comes again when it goes on', async () => {
    const { terminal, clock, view } = viewOn()
    const run = await waiting('copy')
    view.follow(run.pipeline)
    clock.advance(200)
    view.hide()
    expect(terminal.lines).toEqual([])
    terminal.write('[1]+  Stopped\n')
    clock.advance(200)
    expect(terminal.lines.slice(0, 2)).toEqual(['[1]+  Stopped', TITLES])
    view.close()
    clock.advance(1000)
    expect(terminal.lines).toEqual(['[1]+  Stopped'])
    run.stop()
    await run.ended
  })
})

describe('whether there is a view', () => {
  const terminal = { isTTY: true }
  const usual = { logFormat: 'text' } as const

  it('there is on a terminal', () => {
    expect(wantsLiveView(usual, terminal, { TERM: 'xterm' })).toBe(true)
    expect(wantsLiveView(usual, terminal, { CI: 'false' })).toBe(true)
  })

  it('there is none elsewhere, nor for programs, nor when it is not wanted', () => {
    expect(wantsLiveView(usual, {}, {})).toBe(false)
    expect(wantsLiveView(usual, terminal, { TERM: 'dumb' })).toBe(false)
    expect(wantsLiveView(usual, terminal, { CI: 'true' })).toBe(false)
    expect(wantsLiveView({ ...usual, quiet: true }, terminal, {})).toBe(false)
    expect(wantsLiveView({ ...usual, json: true }, terminal, {})).toBe(false)
    expect(wantsLiveView({ logFormat: 'json' }, terminal, {})).toBe(false)
  })
})
