import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import type { Json } from '../../../engine/plugin.ts'
import {
  collectingSink,
  faultsOf,
  listSource,
  memoryStorage,
  records,
  runPipeline,
  runProcessor,
} from '../../../test/contract/index.ts'
import route from './index.ts'

const CASES = { eu: 'region = "EU"', big: 'price > 100', flagged: 'flag' }

describe('route', () => {
  it('sends a record to the first case that takes it, in the order of the file', async () => {
    const values = [{ region: 'EU', price: 500 }, { price: 500, flag: true }, { flag: true }]
    const run = await runProcessor(route, { cases: CASES }, values)
    expect(shownPorts(run)).toEqual({ eu: [values[0]], big: [values[1]], flagged: [values[2]] })
    expect(run.emitted).toEqual([])
  })

  it('hands on the very records that came in, with their bytes', async () => {
    const run = await runProcessor(route, { cases: { all: 'true' } }, [1.5, 'x'])
    expect(run.ports.get('all')?.every((record, index) => record === run.records[index])).toBe(true)
  })

  it('fails what no case takes, unless the definition says where it goes', async () => {
    const run = await runProcessor(route, { cases: CASES }, [{ region: 'US' }, { region: 'EU' }])
    expect(run.failed.map(({ code }) => code)).toEqual(['SR_UNROUTED'])
    expect(shownPorts(run)).toEqual({ eu: [{ region: 'EU' }] })
  })

  it('drops and counts what no case takes where the definition says so', async () => {
    const run = await runProcessor(route, { cases: CASES, otherwise: 'drop' }, [{ a: 1 }, { flag: 1 }, 'text', null])
    expect(shownPorts(run)).toEqual({ flagged: [{ flag: 1 }] })
    expect({ failed: run.failed, counts: run.counts }).toEqual({ failed: [], counts: [['dropped', 3]] })
  })

  it('sends what no case takes to the port that `otherwise` names, which may be that of a case', async () => {
    const values = [{ flag: 1 }, { flag: 0 }]
    const other = await runProcessor(route, { cases: { flagged: 'flag' }, otherwise: 'other' }, values)
    expect(shownPorts(other)).toEqual({ flagged: [{ flag: 1 }], other: [{ flag: 0 }] })
    const same = await runProcessor(route, { cases: { flagged: 'flag' }, otherwise: 'flagged' }, values)
    expect(shownPorts(same)).toEqual({ flagged: values })
  })

  it('fails a record at the first condition that cannot judge it, and asks no later one', async () => {
    const cases = { dear: 'price > 100', all: 'true' }
    const run = await runProcessor(route, { cases }, [{ price: 'seven' }, { price: 7 }])
    expect(run.failed.map(({ code, expression }) => [code, expression])).toEqual([
      ['SR_EXPRESSION_FAILED', 'price > 100'],
    ])
    expect(shownPorts(run)).toEqual({ all: [{ price: 7 }] })
  })

  it('does not wait where no condition that it tries needs to', async () => {
    const cases = { flagged: 'flag', dear: '[$x := price][0] > 100' }
    expect((await runProcessor(route, { cases }, [{ flag: true }])).waited).toBe(false)
    expect((await runProcessor(route, { cases }, [{ price: 200 }])).waited).toBe(true)
  })

  it('has a port for each case and for the rest, each once, and no main one', () => {
    const portsOf = (given: { readonly [name: string]: Json }) => route.ports?.(readOptions(route.options, given))
    expect(portsOf({ cases: CASES })).toEqual({ main: false, side: ['eu', 'big', 'flagged'] })
    expect(portsOf({ cases: CASES, otherwise: 'drop' })).toEqual({ main: false, side: ['eu', 'big', 'flagged'] })
    expect(portsOf({ cases: CASES, otherwise: 'rest' })).toMatchObject({ side: ['eu', 'big', 'flagged', 'rest'] })
    expect(portsOf({ cases: CASES, otherwise: 'eu' })).toMatchObject({ side: ['eu', 'big', 'flagged'] })
  })

  it('refuses names that cannot be ports, where they stand', async () => {
    const context = { storage: memoryStorage(), definitionFolder: '/' }
    const options = { cases: { 'E.U': 'true', drop: 'true', ok: 'true' }, otherwise: 'The Rest' }
    const faults = await faultsOf(route, options, context)
    expect(faults.map(({ code, path }) => [code, path.join('/')])).toEqual([
      ['SR_BAD_NAME', 'cases/E.U'],
      ['SR_BAD_NAME', 'cases/drop'],
      ['SR_BAD_NAME', 'otherwise'],
    ])
  })
})

describe('a pipeline with a route', () => {
  const yaml = (sinks: string) => `
name: routes
sources: { in: { type: testing-list } }
processors:
  by-region:
    type: route
    cases: { eu: region = "EU", us: region = "US" }
    otherwise: other
sinks:
${sinks}`
  const source = () =>
    listSource(records({ region: 'EU', n: 1 }, { region: 'US', n: 2 }, { n: 3 }, { region: 'EU', n: 4 }))

  it('brings each record to the sink of its port, in order', async () => {
    const sinks = { eu: collectingSink(), us: collectingSink(), rest: collectingSink() }
    const text = yaml(
      ['eu', 'us', 'rest']
        .map((name) => `  ${name}: { type: testing-collect, from: by-region.${name === 'rest' ? 'other' : name} }`)
        .join('\n'),
    )
    const replace = Object.fromEntries(Object.entries(sinks).map(([name, { plugin }]) => [name, { plugin }]))
    const run = await runPipeline(text, { plugins: [source().plugin, collectingSink().plugin], replace })
    expect(await run.ended).toMatchObject({ exitCode: 0 })
    const numbers = Object.values(sinks).map(({ values }) => values.map((value) => (value as { n: number }).n))
    expect(numbers).toEqual([[1, 4], [2], [3]])
  })

  it('is refused while nobody reads one of the ports', async () => {
    const text = yaml('  eu: { type: testing-collect, from: [by-region.eu, by-region.other] }')
    const starting = runPipeline(text, { plugins: [source().plugin, collectingSink().plugin] })
    await expect(starting).rejects.toThrow(/SR_UNREAD_PORT[\s\S]*"us"/)
  })
})

function shownPorts({ ports }: Awaited<ReturnType<typeof runProcessor>>) {
  return Object.fromEntries([...ports].map(([port, emitted]) => [port, emitted.map(({ value }) => value)]))
}
