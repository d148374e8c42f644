import { describe, expect, it } from 'vitest'
import file from '../../plugins/channels/file/index.ts'
import memory from '../../plugins/channels/memory/index.ts'
import route from '../../plugins/processors/route/index.ts'
import {
  collectingSink,
  lines,
  listSource,
  manualClock,
  pause,
  records,
  runPipeline,
} from '../../test/contract/index.ts'
import { until } from '../../test/streamrun.ts'
import type { Load } from './load.ts'
import { Metrics } from './metrics.ts'
import { type Observed, StatusReader } from './status.ts'

const numbers = (count: number) => records(...Array.from({ length: count }, (_, n) => ({ n })))

describe('the status of a running pipeline', () => {
  it('tells how many records are in each channel, and what came in and went out', async () => {
    const sink = collectingSink()
    sink.fill()
    const run = await runPipeline({
      sources: { in: listSource(numbers(5), pause()) },
      channels: {
        queue: { plugin: memory, from: 'in' },
        disk: { plugin: file, from: 'queue' },
        last: { plugin: memory, from: 'disk' },
      },
      sinks: { out: { plugin: sink.plugin, from: 'last' } },
    })
    const reader = new StatusReader(run.pipeline, manualClock())
    const shown = () => new Map(reader.read().components.map((component) => [component.name, component]))
    await until(() => shown().get('last')?.waiting === 5)
    expect(shown().get('in')).toMatchObject({ in: { total: 5 }, out: undefined, waiting: 0 })
    expect(shown().get('queue')).toMatchObject({ in: { total: 5 }, out: { total: 5 }, waiting: 0 })
    expect(shown().get('disk')).toMatchObject({ in: { total: 5 }, out: { total: 5 }, waiting: 0 })
    expect(shown().get('last')).toMatchObject({ in: { total: 5 }, out: { total: 0 }, waiting: 5 })
    sink.makeRoom()
    await until(() => sink.values.length === 5)
    expect(shown().get('last')).toMatchObject({ out: { total: 5 }, waiting: 0 })
    expect(shown().get('out')).toMatchObject({ in: undefined, out: { total: 5 } })
    run.stop()
    await run.ended
    expect(reader.read().stopping).toBe(true)
  })

  it('counts what leaves by a side port, and what was rejected', async () => {
    const sink = collectingSink()
    const run = await runPipeline({
      sources: { in: listSource(lines('{"n":1}', 'broken', '{"n":2}')) },
      processors: { by: { plugin: route, options: { cases: { one: 'n = 1' }, otherwise: 'drop' } } },
      sinks: { out: { plugin: sink.plugin, from: 'by.one' } },
    })
    await run.ended
    const { components, read, rejected } = new StatusReader(run.pipeline, manualClock()).read()
    expect({ read: read.total, rejected }).toEqual({ read: 3, rejected: 1 })
    expect(components[1]).toMatchObject({ name: 'by', in: { total: 2 }, out: { total: 1 } })
  })
})

describe('what a status says of speed', () => {
  /** A pipeline of one source, whose counts and progress the test moves by hand. */
  function counted() {
    const metrics = new Metrics()
    const source = metrics.of('source', 'in')
    const loads: Load[] = []
    const degraded = new Map<string, string>()
    const definition = {
      name: 'copy',
      components: [{ kind: 'source', name: 'in' }],
    } as unknown as Observed['definition']
    const pipeline = { definition, metrics, health: { degraded }, checkpointAge: 7, stopping: false, loads }
    const clock = manualClock()
    return { source, loads, degraded, clock, reader: new StatusReader(pipeline, clock) }
  }

  it('is that of the last two seconds', () => {
    const { source, clock, reader } = counted()
    const rates = [100, 100, 100, 0, 0, 0].map((records) => {
      source.add('in', records)
      clock.advance(1000)
      return reader.read().read.rate
    })
    expect(rates).toEqual([100, 100, 100, 50, 0, 0])
    expect(reader.read()).toMatchObject({ elapsed: 6000, checkpointAge: 7, read: { total: 300 } })
  })

  it('tells the time that is left at the pace of this run', () => {
    const { loads, clock, reader } = counted()
    const left = [0.2, 0.4, 0.4, 1].map((progress) => {
      loads[0] = { component: 'in', waiting: 0, progress }
      clock.advance(1000)
      return reader.read().components[0]?.left
    })
    expect(left[0]).toBeUndefined()
    expect(left.slice(1).map((ms) => Math.round(ms ?? -1))).toEqual([3000, 6000, 0])
  })

  it('adds the lag of a source to what waits, and names who waits without being a component', () => {
    const { source, loads, degraded, reader } = counted()
    source.set('lag', 40)
    loads.push({ component: 'in', waiting: 2 })
    degraded.set('in', 'no broker').set('checkpoint', 'disk full')
    expect(reader.read()).toMatchObject({
      components: [{ waiting: 42, degraded: 'no broker' }],
      waiting: new Map([['checkpoint', 'disk full']]),
    })
  })
})
