import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diskStorage } from '../../../engine/storage.ts'
import { faultsOf, openTimed, processorContext, type TimedValue } from '../../../test/contract/index.ts'
import quality from './index.ts'

type Check = { readonly [option: string]: unknown }
const opened = (checks: readonly Check[], more: object = {}) =>
  openTimed(quality, { options: { every: '10ms', checks, ...more } as never })
const at = (time: number, value: object): TimedValue => ({ at: time, value: value as never })

/** What a check says of each window. */
async function verdicts(check: Check, ...values: readonly TimedValue[]): Promise<unknown[]> {
  const timed = await opened([{ name: 'it', ...check }])
  await timed.feed(...values)
  await timed.end()
  return timed.ports('results').map(({ value }) => (value as { checks: { it: unknown } }).checks.it)
}

describe('a check', () => {
  it('of nulls counts what is missing or null', async () => {
    const values = [at(0, { p: 1 }), at(1, {}), at(2, { p: null }), at(3, { p: 0 })]
    expect(await verdicts({ nulls: { of: 'p', max_share: 0.4 } }, ...values)).toEqual([
      { ok: false, observed: { records: 2, share: 0.5 }, expected: { max_share: 0.4 } },
    ])
  })

  it('of compliance counts what does not meet a schema', async () => {
    const schema = { type: 'object', required: ['p'], properties: { p: { type: 'number' } } }
    const values = [at(0, { p: 1 }), at(1, { p: 'x' })]
    expect(await verdicts({ compliance: { schema, max_share: 0.5 } }, ...values)).toMatchObject([
      { ok: true, observed: { records: 1, share: 0.5 } },
    ])
  })

  it('of freshness compares the clock with the time of each record', async () => {
    const context = processorContext()
    const now = context.clock.now()
    const checks = [{ name: 'fresh', freshness: { max_age: '5s' } }]
    const timed = await openTimed(quality, { options: { every: '1d', checks }, context })
    await timed.feed(at(now - 6000, {}), at(now - 5000, {}))
    await timed.end()
    expect(timed.ports('alerts').map(({ value }) => value)).toMatchObject([
      { check: 'fresh', observed: { records: 1, share: 0.5, oldest_ms: 6000 }, expected: { max_age_ms: 5000 } },
    ])
  })

  it('of duplicates counts each record that another one of the window has made one', async () => {
    const values = [at(0, { id: 1 }), at(1, { id: '1' }), at(2, { id: 1 }), at(3, { id: 1 }), at(10, { id: 1 })]
    expect(await verdicts({ duplicates: { of: 'id', max_share: 0.5 } }, ...values)).toMatchObject([
      { ok: true, observed: { records: 2, share: 0.5 } },
      { ok: true, observed: { records: 0, share: 0 } },
    ])
  })

  it('of volume sees windows without a record too, and of a stretch of them the first one', async () => {
    const values = [at(0, {}), at(1, {}), at(30, {}), at(31, {}), at(1_000_000_000, {})]
    const timed = await opened([{ name: 'enough', volume: { min: 2 } }])
    for (const value of values) await timed.feed(value)
    await timed.end()
    const told = timed.ports('results').map(({ value }) => value) as {
      window_start: string
      window_end: string
      ok: boolean
    }[]
    expect(
      told.map(({ window_start, window_end, ok }) => [Date.parse(window_start), Date.parse(window_end), ok]),
    ).toEqual([
      [0, 10, true],
      [10, 20, false],
      [30, 40, true],
      [40, 50, false],
      [1_000_000_000, 1_000_000_010, false],
    ])
  })

  it('of drift compares the shares of values with those of the windows before, and names what changed most', async () => {
    const window = (start: number, ...values: string[]) => values.map((v, n) => at(start + n, { v }))
    const drift = { of: 'v', limit: 0.3, warm_up: 2 }
    const values = [...window(0, 'a', 'b'), ...window(10, 'a', 'b'), ...window(20, 'a', 'b'), ...window(30, 'b', 'b')]
    expect(await verdicts({ drift }, ...values)).toMatchObject([
      { ok: true, observed: { distance: 0 } },
      { ok: true, observed: { distance: 0 } },
      { ok: true, observed: { distance: 0 } },
      { ok: false, observed: { distance: 0.5, widest: { value: 'a', change: -0.5 } }, expected: { max_distance: 0.3 } },
    ])
  })
})

describe('quality', () => {
  it('hands every record on as it came, before the results of its window', async () => {
    const timed = await opened([{ name: 'n', nulls: { of: 'p' } }])
    await timed.feed(at(0, { p: 1 }), at(12, {}))
    expect(timed.values).toEqual([{ p: 1 }, {}])
    expect(timed.ports('results').map(({ value, timestamp }) => ({ value, timestamp }))).toEqual([
      {
        timestamp: 9,
        value: {
          window_start: '1970-01-01T00:00:00.000Z',
          window_end: '1970-01-01T00:00:00.010Z',
          records: 1,
          ok: true,
          checks: { n: { ok: true, observed: { records: 0, share: 0 }, expected: { max_share: 0 } } },
        },
      },
    ])
  })

  it('counts a late record in no window, says how many there were, and hands it on', async () => {
    const context = processorContext()
    const checks = [{ name: 'n', volume: { max: 9 } }]
    const timed = await openTimed(quality, { options: { every: '10ms', lateness: '5ms', checks }, context })
    await timed.feed(at(0, {}), at(14, {}), at(1, {}), at(15, {}), at(2, {}))
    await timed.end()
    expect(timed.emitted).toHaveLength(5)
    expect(timed.ports('results').map(({ value }) => (value as { records: number }).records)).toEqual([2, 2])
    expect(context.recorded.counts.get('late')).toBe(1)
  })

  it('tells of no window twice, and of each, with all of its alerts, where a crash comes while many are over', async () => {
    const checks = [
      { name: 'enough', volume: { min: 2 } },
      { name: 'whole', nulls: { of: 'p', max_share: 0 } },
      { name: 'same', drift: { of: 'p', limit: 0.1, warm_up: 1 } },
    ]
    const step = fc.record({ at: fc.nat(200), p: fc.constantFrom(null, 1, 2) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), fc.integer({ min: 1, max: 3 }), async (steps, room) => {
        const seen = [false, true].map(async (crashes) => {
          const options = { every: '10ms', lateness: '5ms', checks } as never
          const timed = await openTimed(quality, { options, outOfOrderness: 30, room: crashes ? room : 100, crashes })
          for (const { at: time, p } of steps) await timed.feed(at(time, { p }))
          await timed.watermark(1000)
          await timed.end()
          const told = (port: string) => timed.ports(port).map(({ value }) => value)
          return [timed.values, told('results'), told('alerts'), timed.stateKeys]
        })
        expect(await seen[1]).toEqual(await seen[0])
      }),
      { numRuns: 60 },
    )
  })

  it('gives the same results, cut anywhere and restarted anywhere, and every record is in a window or late', async () => {
    const checks = [
      { name: 'n', nulls: { of: 'p' } },
      { name: 'd', duplicates: { of: 'p' } },
      { name: 's', drift: { of: 'p', limit: 0.1, warm_up: 1 } },
      { name: 'v', volume: { min: 2 } },
    ]
    const step = fc.record({ wait: fc.nat(12), p: fc.option(fc.nat(2), { nil: undefined }), restart: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const [whole, broken] = [await opened(checks), await opened(checks)]
        let time = 0
        const values = steps.map(({ wait, p }) => {
          time += wait
          return at(time, p === undefined ? {} : { p })
        })
        await whole.feed(...values)
        for (const [index, value] of values.entries()) {
          await broken.feed(value)
          if (steps[index]?.restart) await broken.restart()
        }
        await whole.end()
        await broken.end()
        const seen = (timed: typeof whole) =>
          ['results', 'alerts'].map((port) => timed.ports(port).map(({ value }) => value))
        expect(seen(broken)).toEqual(seen(whole))
        const counted = whole.ports('results').map(({ value }) => (value as { records: number }).records)
        expect(counted.reduce((sum, one) => sum + one, 0)).toBe(values.length)
      }),
      { numRuns: 60 },
    )
  })

  it('gives the same results for every order that stays within the bound, to the last digit', async () => {
    const checks = [
      { name: 'whole', nulls: { of: 'p' } },
      { name: 'once', duplicates: { of: 'p' } },
      { name: 'same', drift: { of: 'p', limit: 0.1, warm_up: 1 } },
      { name: 'enough', volume: { min: 2 } },
    ]
    const step = fc.record({ at: fc.nat(300), delay: fc.nat(31), p: fc.constantFrom(null, 1, 2, 'x', 'y', 'z') })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        const sorted = steps.toSorted((a, b) => a.at - b.at)
        const shuffled = steps.toSorted((a, b) => a.at + a.delay - b.at - b.delay)
        const seen = [sorted, shuffled].map(async (order) => {
          const timed = await openTimed(quality, { options: { every: '10ms', checks } as never, outOfOrderness: 31 })
          await timed.feed(...order.map(({ at: time, p }) => at(time, { p })))
          await timed.end()
          return ['results', 'alerts'].map((port) => timed.ports(port).map(({ value }) => value))
        })
        expect(await seen[1]).toEqual(await seen[0])
      }),
      { numRuns: 200 },
    )
  })

  it('tells of a stretch of empty windows once, however time goes through it', async () => {
    for (const steps of [[100], [15, 20, 55, 100]]) {
      const timed = await opened([{ name: 'enough', volume: { min: 1 } }])
      await timed.feed(at(0, {}))
      for (const step of steps) await timed.watermark(step)
      await timed.feed(at(101, {}), at(95, {}))
      await timed.end()
      const starts = timed.ports('results').map(({ value }) => (value as { window_start: string }).window_start)
      expect(starts.map((start) => Date.parse(start))).toEqual([0, 10, 100])
    }
  })

  it('is a fault of the definition where a check has no measure, two, a name that is taken, a wrong schema or impossible bounds', async () => {
    const checks = [
      { name: 'a', nulls: { of: 'x' } },
      { name: 'a', nulls: { of: 'x' }, volume: { min: 1 } },
      { name: 'b' },
      { name: 'c', compliance: {} },
      { name: 'd', volume: {} },
      { name: 'e', volume: { min: 5, max: 2 } },
    ]
    const faults = await faultsOf(quality, { checks }, { storage: diskStorage(), definitionFolder: '/' })
    expect(faults.map(({ path, code }) => [path.join('.'), code])).toEqual([
      ['checks.1.name', 'SR_DUPLICATE_NAME'],
      ['checks.1.volume', 'SR_OPTION_REFUSED'],
      ['checks.2', 'SR_MISSING_OPTION'],
      ['checks.3.compliance', 'SR_MISSING_OPTION'],
      ['checks.4.volume', 'SR_MISSING_OPTION'],
      ['checks.5.volume.max', 'SR_OPTION_REFUSED'],
    ])
  })
})
