import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../engine/plugin.ts'
import { openTimed, type TimedOptions, type TimedProcessor, type TimedValue } from '../../../test/contract/index.ts'
import window from './index.ts'

const AGGREGATE = {
  n: '$count($)',
  sum: '$sum(n)',
  mean: '$sum(n) / $count($)',
  first: 'n[0]',
  last: '$[-1].n',
  all: '$string($)',
}
const KINDS: { readonly [name: string]: { readonly [option: string]: Json } } = {
  tumbling: { every: '10s' },
  'tumbling, moved': { every: '10s', offset: '3s' },
  sliding: { every: '10s', slide: '4s' },
  session: { session: '5s' },
  'calendar day': { every: '1 day', zone: 'Europe/Berlin' },
}
const COUNTED: typeof KINDS = { count: { count: 3 }, 'sliding count': { count: 6, count_slide: 4 } }
const FILLED: typeof KINDS = { 'tumbling, filled': { every: '5s', fill: 2 } }
const EARLY: typeof KINDS = {
  'tumbling with early results': { every: '10s', emit: { every: '3s' } },
  'sliding with early results': { every: '10s', slide: '4s', emit: { every: '3s' } },
  'session with early results': { session: '5s', emit: { every: '3s' } },
  'count with early results': { count: 6, count_slide: 4, emit: { every: '3s' } },
  'session with a result at each change': { session: '5s', emit: { on: 'change' } },
}

const RECORDS = fc.array(
  fc.record({
    at: fc.integer({ min: -30_000, max: 60_000 }),
    key: fc.constantFrom('a', 'b', 'c'),
    value: fc.record({ n: fc.integer({ min: 0, max: 9 }), k: fc.constantFrom('x', 'y') }),
  }),
  { maxLength: 40 },
)
const LATENESS = fc.constantFrom(0, 2_000, 15_000)

const RANKED: typeof KINDS = {
  'tumbling, ranked': { every: '10s', top: { n: 2, by: 'sum' } },
  'sliding, ranked': { every: '10s', slide: '4s', top: { n: 2, by: 'n' } },
}

describe.each(Object.entries({ ...KINDS, ...COUNTED, ...FILLED, ...EARLY, ...RANKED }))('windows: %s', (_, kind) => {
  it('give the same bytes however the records are cut into batches, and with restarts in between', async () => {
    const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        RECORDS,
        LATENESS,
        cuts,
        fc.integer({ min: 1, max: 5 }),
        async (records, lateness, parts, room) => {
          const whole = await openWith(kind, { lateness, outOfOrderness: 3_000 })
          await whole.feed(...records)
          await whole.end()
          const inParts = await openWith(kind, { lateness, outOfOrderness: 3_000, room })
          for (let from = 0, turn = 0; from < records.length; turn++) {
            const [size, restarts] = parts[turn % parts.length] as [number, boolean]
            await inParts.feed(...records.slice(from, from + size))
            if (restarts) await inParts.restart()
            from += size
          }
          await inParts.end()
          expect(outcome(inParts)).toEqual(outcome(whole))
          expect(inParts.stateKeys).toBe(0)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe.each(Object.entries({ ...KINDS, ...COUNTED, ...FILLED, ...EARLY, ...RANKED }))('windows: %s', (_, kind) => {
  it('give no result twice, and lose none, where a crash comes in the middle of letting them out', async () => {
    const sizes = fc.integer({ min: 1, max: 40 })
    await fc.assert(
      fc.asyncProperty(
        RECORDS,
        LATENESS,
        fc.integer({ min: 1, max: 3 }),
        sizes,
        async (records, lateness, room, size) => {
          const whole = await openWith(kind, { lateness, outOfOrderness: 3_000 })
          const crashing = await openWith(kind, { lateness, outOfOrderness: 3_000, room, crashes: true })
          for (const timed of [whole, crashing]) {
            for (let from = 0; from < records.length; from += size)
              await timed.feed(...records.slice(from, from + size))
            await timed.watermark(70_000)
            await timed.end()
          }
          expect(outcome(crashing)).toEqual(outcome(whole))
          expect(crashing.stateKeys).toBe(whole.stateKeys)
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe.each(Object.entries(KINDS))('windows: %s', (_, kind) => {
  it('give the same for every order that stays within the bound, and lose and add nothing', async () => {
    await fc.assert(
      fc.asyncProperty(RECORDS, fc.array(fc.nat(3_000), { minLength: 40, maxLength: 40 }), async (records, delays) => {
        // Equal times are in order of their arrival, so that they keep it.
        const ordered = records
          .toSorted((a, b) => a.at - b.at)
          .filter(({ at }, index, all) => at !== all[index - 1]?.at)
        const arrival = ordered.map((record, index) => ({ record, at: record.at + (delays[index] as number) }))
        const shuffled = arrival.toSorted((a, b) => a.at - b.at).map(({ record }) => record)
        const sorted = await openWith(kind, { lateness: 0 })
        await sorted.feed(...ordered)
        await sorted.end()
        const disordered = await openWith(kind, { lateness: 0, outOfOrderness: 3_000 })
        await disordered.feed(...shuffled)
        await disordered.end()
        expect(outcome(disordered)).toEqual(outcome(sorted))
        expect(disordered.ports('late')).toEqual([])
      }),
      { numRuns: 40 },
    )
  })
})

describe.each(['tumbling', 'tumbling, moved', 'sliding'])('windows: %s', (name) => {
  it('hold what a plain program over all records finds in them, and the late ones are all at the port `late`', async () => {
    const kind = KINDS[name] as { readonly [option: string]: string }
    const size = 10_000
    const slide = name === 'sliding' ? 4_000 : size
    const offset = name === 'tumbling, moved' ? 3_000 : 0
    await fc.assert(
      fc.asyncProperty(RECORDS, LATENESS, async (records, lateness) => {
        const timed = await openWith(kind, { lateness, outOfOrderness: 3_000 })
        await timed.feed(...records)
        await timed.end()
        const counts = new Map<string, number>()
        const late: TimedValue[] = []
        let newest = Number.NEGATIVE_INFINITY
        for (const record of records) {
          const watermark = newest - 3_000
          newest = Math.max(newest, record.at)
          const first = Math.ceil((record.at - size - offset + 1) / slide) * slide + offset
          let taken = false
          for (let start = first; start <= record.at; start += slide) {
            if (start + size + lateness <= watermark) continue
            const window = `${start} ${record.key}`
            counts.set(window, (counts.get(window) ?? 0) + 1)
            taken = true
          }
          if (!taken) late.push(record)
        }
        const found = timed.emitted.map(({ value, timestamp, key }) => [
          `${timestamp + 1 - size} ${key}`,
          (value as { readonly n: number }).n,
        ])
        expect(new Map(found as [string, number][])).toEqual(counts)
        expect(found).toHaveLength(counts.size)
        expect(timed.ports('late').map(({ timestamp }) => timestamp)).toEqual(late.map(({ at }) => at))
      }),
      { numRuns: 100 },
    )
  })
})

describe.each([
  ['tumbling', { every: '10s' }],
  ['sliding', { every: '10s', slide: '4s' }],
  ['calendar', { every: '1 day', zone: 'Asia/Tokyo' }],
])('the best of each window: %s', (_, kind) => {
  it('are the first of all its results sorted by the aggregate and then by the key, in all or within a key', async () => {
    const by = { key: '$key', k: 'k' }
    await fc.assert(
      fc.asyncProperty(RECORDS, fc.integer({ min: 1, max: 4 }), fc.boolean(), async (records, n, isWithin) => {
        const aggregate = { sum: '$sum(n)', odd: '$count($) > 1 ? $count($)' }
        const having = 'sum > 1'
        const [all, best] = await Promise.all(
          [{}, { top: { n, by: 'sum', ...(isWithin ? { within: 'k' } : {}) } }].map(async (top) => {
            const options = { ...kind, by, aggregate, having, ...top }
            const timed = await openTimed(window, { options, outOfOrderness: 3_000, room: 2 })
            await timed.feed(...records)
            await timed.end()
            return timed.values as unknown as readonly Ranked[]
          }),
        )
        expect(best).toEqual(bestOf(all as readonly Ranked[], n, isWithin))
      }),
      { numRuns: 100 },
    )
  })
})

interface Ranked {
  readonly window_end: string
  readonly key: string
  readonly k: string
  readonly sum: number
}

/** Window by window; with `within`, its values in the order of the first key of each. */
function bestOf(results: readonly Ranked[], n: number, isWithin: boolean): readonly unknown[] {
  const groups = new Map<string, Ranked[]>()
  for (const result of results) {
    const group = isWithin ? `${result.window_end} ${result.k}` : result.window_end
    groups.set(group, [...(groups.get(group) ?? []), result])
  }
  return [...groups.values()].flatMap((group) => {
    const sorted = group.toSorted((a, b) => b.sum - a.sum || (textOf(a) < textOf(b) ? -1 : 1))
    return sorted.slice(0, n).map((result, index) => ({ ...result, rank: index + 1 }))
  })
}

function textOf({ key, k }: Ranked): string {
  return JSON.stringify([key, k])
}

it('a session is what no gap divides', async () => {
  await fc.assert(
    fc.asyncProperty(RECORDS, async (records) => {
      const timed = await openWith({ session: '5s' }, { lateness: 0, outOfOrderness: 100_000 })
      await timed.feed(...records)
      await timed.end()
      const sessions: { key: string; start: number; end: number; n: number }[] = []
      for (const { at, key } of records.toSorted((a, b) => a.at - b.at)) {
        const open = sessions.find((one) => one.key === key && at < one.end)
        if (open === undefined) sessions.push({ key, start: at, end: at + 5_000, n: 1 })
        else Object.assign(open, { end: at + 5_000, n: open.n + 1 })
      }
      const wanted = sessions.toSorted((a, b) => a.end - b.end || (a.key < b.key ? -1 : 1))
      const found = timed.emitted.map(({ value, key }) => {
        const { window_start, window_end, n } = value as { window_start: string; window_end: string; n: number }
        return { key, start: Date.parse(window_start), end: Date.parse(window_end), n }
      })
      expect(found).toEqual(wanted)
    }),
    { numRuns: 100 },
  )
})

function openWith(
  kind: { readonly [option: string]: Json },
  { lateness, ...settings }: Pick<TimedOptions, 'outOfOrderness' | 'room' | 'crashes'> & { readonly lateness: number },
): Promise<TimedProcessor> {
  const options = { ...kind, by: '$key', lateness: `${lateness}ms`, aggregate: AGGREGATE }
  return openTimed(window, { options, ...settings })
}

/** Everything that can be seen of a run, as text. */
function outcome(timed: TimedProcessor): readonly string[] {
  const shown = ({ value, key, timestamp }: TimedProcessor['emitted'][number]) =>
    JSON.stringify([value, key, timestamp])
  return [...timed.emitted.map(shown), 'late', ...timed.ports('late').map(shown), 'failed', String(timed.failed.length)]
}
