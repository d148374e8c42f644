import { describe, expect, it } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import type { Check, Json, JsonObject } from '../../../engine/plugin.ts'
import { faultsOf, memoryStorage, openTimed, type TimedValue } from '../../../test/contract/index.ts'
import window from './index.ts'

const COUNT = { n: '$count($)' }
const EVERY = { every: '10s', aggregate: COUNT }

describe('a window', () => {
  it('gives one result for each key when the watermark is past its end, in the order of ends and keys', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'bucket' } })
    await timed.feed(...at(['b', 0], ['a', 9_999], ['a', 5], ['a', 10_000]))
    expect(timed.values).toEqual([
      { window_start: '1970-01-01T00:00:00.000Z', window_end: '1970-01-01T00:00:10.000Z', bucket: 'a', n: 2 },
      { window_start: '1970-01-01T00:00:00.000Z', window_end: '1970-01-01T00:00:10.000Z', bucket: 'b', n: 1 },
    ])
    const [first] = timed.emitted
    expect(first).toMatchObject({ key: 'a', timestamp: 9_999, headers: [], raw: undefined })
    expect(first?.origin).toMatchObject({ component: 'tested' })
  })

  it.each([
    ['tumbling', { every: '10s' }, [0, 9_999, 10_000, 25_000], ['0-10 2', '10-20 1', '20-30 1']],
    ['tumbling, before 1970', { every: '10s' }, [-1, -10_000, -10_001], ['-20--10 1', '-10-0 2']],
    ['moved by an offset', { every: '10s', offset: '4s' }, [0, 3_999, 4_000], ['-6-4 2', '4-14 1']],
    ['sliding', { every: '10s', slide: '5s' }, [0, 7_000], ['-5-5 1', '0-10 2', '5-15 1']],
    [
      'sliding by a part that does not divide it',
      { every: '6s', slide: '4s' },
      [0, 5_000],
      ['-4-2 1', '0-6 2', '4-10 1'],
    ],
    ['of a session', { session: '5s' }, [0, 4_999, 9_998, 14_998], ['0-14.998 3', '14.998-19.998 1']],
    ['of so many records', { count: 2 }, [5_000, 1_000, 2_000], ['1-5.001 2', '2-2.001 1']],
    ['of so many records, overlapping', { count: 3, count_slide: 2 }, [0, 1, 2, 3], ['0-0.003 3', '0.002-0.004 2']],
  ])('that is %s', async (_, kind, times, wanted) => {
    const timed = await openTimed(window, { options: { ...kind, aggregate: COUNT }, outOfOrderness: 100_000 })
    await timed.feed(...times.map((time) => ({ at: time, value: {} })))
    await timed.end()
    expect(timed.values.map(shown)).toEqual(wanted)
    expect(timed.stateKeys).toBe(0)
  })

  it('waits for its lateness; what comes later leaves by the port `late`, as it came', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, lateness: '5s' } })
    await timed.feed(...at(['a', 0], ['a', 14_998], ['a', 1], ['a', 14_999]))
    expect(timed.values).toEqual([])
    await timed.feed(...at(['a', 15_000]))
    expect(timed.values.map(shown)).toEqual(['0-10 2'])
    await timed.feed(...at(['late', 2]))
    expect(timed.ports('late').map(({ value, timestamp }) => [value, timestamp])).toEqual([[{ bucket: 'late' }, 2]])
  })

  it('of so many records takes each as it comes, however late, also over a restart', async () => {
    const timed = await openTimed(window, { options: { count: 2, by: 'bucket', aggregate: COUNT } })
    await timed.feed(...at(['a', 0], ['b', 90_000], ['a', 1_000], ['b', 5]))
    await timed.restart()
    await timed.feed(...at(['a', 2_000], ['b', 95_000], ['a', 7]))
    await timed.end()
    expect(timed.values.map(shown)).toEqual(['0-1.001 2', '0.005-90.001 2', '0.007-2.001 2', '95-95.001 1'])
    expect(timed.ports('late')).toEqual([])
  })

  it('that slides takes a late record into the windows that are still open, and only into them', async () => {
    const timed = await openTimed(window, { options: { every: '10s', slide: '5s', aggregate: COUNT } })
    await timed.feed(...at(['a', 0], ['a', 7_000], ['a', 4_000], ['a', 20_000]))
    await timed.end()
    expect(timed.values.map(shown)).toEqual(['-5-5 1', '0-10 3', '5-15 1', '15-25 1', '20-30 1'])
    expect(timed.ports('late')).toEqual([])
  })

  it('costs nothing where nothing is: a gap of 30,000 years is passed at once (WI-10)', async () => {
    const timed = await openTimed(window, { options: { every: '10ms', slide: '2ms', aggregate: COUNT } })
    await timed.feed(...at(['a', 0], ['a', 1e15], ['a', -1e15]))
    await timed.end()
    expect(timed.emitted).toHaveLength(10)
    expect(timed.ports('late')).toHaveLength(1)
  })

  it('joins two sessions when a record closes the gap between them', async () => {
    const options = { session: '5s', aggregate: { n: '$count($)', first: 'n[0]', last: 'n[-1]', all: '$join(n)' } }
    const timed = await openTimed(window, { options, outOfOrderness: 20_000 })
    await timed.feed({ at: 9_000, value: { n: 'c' } }, { at: 0, value: { n: 'a' } })
    await timed.restart()
    await timed.feed({ at: 4_500, value: { n: 'b' } })
    await timed.end()
    expect(timed.values.map(shown)).toEqual(['0-14 3'])
    expect(timed.values[0]).toMatchObject({ first: 'a', last: 'c', all: 'abc' })
  })
})

describe('what windows are kept apart by', () => {
  it.each<[string, Json, JsonObject]>([
    ['an expression', 'shop.country', { country: 'DE' }],
    ['an expression that is no path', '$uppercase(bucket)', { key: 'A' }],
    ['a list', ['shop.country', 'bucket'], { country: 'DE', bucket: 'a' }],
    ['a map', { land: 'shop.country', long: '$length(bucket)', yes: 'true' }, { land: 'DE', long: 1, yes: true }],
    ['a number', 'size', { size: 1 }],
  ])('may be %s, and stands in the results', async (_, by, wanted) => {
    const timed = await openTimed(window, { options: { ...EVERY, by } })
    await timed.feed({ at: 0, value: { bucket: 'a', shop: { country: 'DE' }, size: 1 } })
    await timed.end()
    expect(timed.values).toEqual([expect.objectContaining({ ...wanted, n: 1 })])
  })

  it('tells 1 from "1" and true, and "\\u0000" from all of them', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'k' } })
    const keys = [1, '1', true, 'true', '\0', '\x001', 1, '1']
    await timed.feed(...keys.map((k) => ({ at: 0, value: { k } })))
    await timed.end()
    const counted = timed.values.map((value) => [(value as JsonObject).k, (value as JsonObject).n])
    expect(new Map(counted as [Json, Json][])).toEqual(
      new Map<Json, Json>([
        [1, 2],
        ['1', 2],
        [true, 1],
        ['true', 1],
        ['\0', 1],
        ['\x001', 1],
      ]),
    )
  })

  it('must be there: a record without it fails, and so does one where it is a list or an object', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'k' } })
    await timed.feed(...[{}, { k: null }, { k: [1] }, { k: { a: 1 } }].map((value) => ({ at: 0, value })))
    await timed.end()
    expect(timed.failed.map(({ error }) => error.code)).toEqual([
      ...['SR_EXPRESSION_EMPTY', 'SR_EXPRESSION_EMPTY', 'SR_RECORD_SHAPE', 'SR_RECORD_SHAPE'],
    ])
    expect(timed.values).toEqual([])
  })
})

describe('the records of a window', () => {
  it('are those for which `where` is true; the others are counted as dropped', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, where: 'bucket = "a"' } })
    await timed.feed(...at(['a', 0], ['b', 1], ['a', 2]))
    await timed.end()
    expect(timed.values.map(shown)).toEqual(['0-10 2'])
  })

  it('count in all aggregates or in none: one with a value of a type that an aggregate cannot take fails', async () => {
    const aggregate = { n: '$count($)', sum: '$sum(price)', users: '$count($distinct(user))' }
    const timed = await openTimed(window, { options: { every: '10s', aggregate } })
    const values: Json[] = [
      { price: 1, user: 'a' },
      { price: '7', user: 'b' },
      { price: [2, true], user: 'c' },
    ]
    await timed.feed(...values.map((value) => ({ at: 0, value })))
    await timed.end()
    expect(timed.values).toEqual([expect.objectContaining({ n: 1, sum: 1, users: 1 })])
    expect(timed.failed.map(({ error }) => error.message)).toEqual([
      '`price` is not a number, as `sum` needs',
      '`price` is not a number, as `sum` needs',
    ])
  })

  it('may lack a value or have null for it, which is the same (WI-07)', async () => {
    const aggregate = { n: '$count($)', prices: '$count(price)', sum: '$sum(price)', low: '$min(price)', all: '$' }
    const timed = await openTimed(window, { options: { every: '10s', aggregate } })
    await timed.feed(...[{ price: null, tags: [null, 1] }, {}, { price: -0 }].map((value) => ({ at: 0, value })))
    await timed.end()
    expect(timed.values).toEqual([
      expect.objectContaining({ n: 3, prices: 1, sum: 0, low: 0, all: [{ tags: [1] }, {}, { price: -0 }] }),
    ])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('never poison a sum: %d fails its record (WI-07)', async (price) => {
    const timed = await openTimed(window, { options: { every: '10s', aggregate: { sum: '$sum(price)' } } })
    await timed.feed({ at: 0, value: { price } }, { at: 0, value: { price: 2 } })
    await timed.end()
    expect(timed.values).toEqual([expect.objectContaining({ sum: 2 })])
    expect(timed.failed).toHaveLength(1)
  })
})

describe('the result of a window', () => {
  it('is emitted only where `having` is true of it', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'bucket', having: 'n >= 2' } })
    await timed.feed(...at(['a', 0], ['b', 1], ['a', 2]))
    await timed.end()
    expect(timed.values).toEqual([expect.objectContaining({ bucket: 'a', n: 2 })])
  })

  it('leaves only where it is among the best of its window, with its rank, all of a window at once', async () => {
    const options = { every: '10s', by: 'bucket', aggregate: { n: '$count($)', odd: 'n[0] = 1 ? 1' } }
    const best = await openTimed(window, { options: { ...options, top: { n: 2, by: 'n' } }, room: 1 })
    await best.feed(...at(['c', 0], ['a', 1], ['b', 2], ['b', 3], ['d', 4], ['d', 5], ['d', 6], ['a', 10_000]))
    await best.end()
    expect(best.values).toMatchObject([
      { bucket: 'd', n: 3, rank: 1 },
      { bucket: 'b', n: 2, rank: 2 },
      { bucket: 'a', n: 1, rank: 1 },
    ])
    expect(best.emitted[0]).toMatchObject({ key: 'd', timestamp: 9_999 })
    const missing = await openTimed(window, { options: { ...options, top: { n: 2, by: 'odd' } } })
    await missing.feed(...at(['a', 0]))
    await missing.end()
    expect(missing.values).toEqual([])
  })

  it('that cannot be worked out is a dead letter with key, bounds and count; the other windows go on', async () => {
    const options = { every: '10s', by: 'bucket', aggregate: { x: '$number(text)', far: '$sum(n)' } }
    const timed = await openTimed(window, { options })
    await timed.feed(
      { at: 0, value: { bucket: 'a', text: 'seven' } },
      { at: 1, value: { bucket: 'b', text: '7' } },
      { at: 2, value: { bucket: 'c', n: 1e308 } },
      { at: 3, value: { bucket: 'c', n: 1e308 } },
    )
    await timed.end()
    expect(timed.values).toEqual([expect.objectContaining({ bucket: 'b', x: 7 })])
    expect(timed.failed.map(({ record, error }) => [record.value, record.timestamp, error.code])).toEqual([
      [
        expect.objectContaining({ window_end: '1970-01-01T00:00:10.000Z', bucket: 'a', records: 1 }),
        9_999,
        'SR_EXPRESSION_FAILED',
      ],
      [expect.objectContaining({ bucket: 'c', records: 2 }), 9_999, 'SR_EXPRESSION_FAILED'],
    ])
  })

  it('comes early, too, each time another stretch of event time is over in which something changed', async () => {
    const timed = await openTimed(window, {
      options: { every: '1m', by: 'bucket', aggregate: COUNT, emit: { every: '10s' } },
    })
    await timed.feed(...at(['a', 0], ['a', 5_000], ['b', 12_000], ['a', 38_000], ['a', 41_000]))
    await timed.end()
    const short = timed.values.map(
      (value) => `${(value as JsonObject).bucket} ${shown(value)} ${(value as JsonObject).final}`,
    )
    expect(short).toEqual(['a 0-60 2 false', 'b 0-60 1 false', 'a 0-60 4 false', 'a 0-60 4 true', 'b 0-60 1 true'])
  })

  it('comes early once for all that changed of a counted window since the last time', async () => {
    const options = { count: 6, count_slide: 4, by: 'bucket', aggregate: COUNT, emit: { every: '10s' } }
    const timed = await openTimed(window, { options })
    await timed.feed(...at(['a', 0], ['a', 1], ['a', 2], ['a', 3], ['a', 4], ['b', 10_000]))
    expect(timed.values.map(shown)).toEqual(['0-0.005 5'])
  })

  it('does not come early any more when `emit` was taken back', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, emit: { every: '2s' } } })
    await timed.feed(...at(['a', 1]))
    await timed.restart(EVERY)
    await timed.feed(...at(['a', 5_000], ['a', 10_000]))
    expect(timed.values.map(shown)).toEqual(['0-10 2'])
  })

  it('comes with each change where `emit` says so', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, emit: { on: 'change' } } })
    await timed.feed(...at(['a', 0], ['a', 1], ['a', 10_000], ['a', 10_001]))
    expect(timed.values.map((value) => `${shown(value)} ${(value as JsonObject).final}`)).toEqual([
      ...['0-10 1 false', '0-10 2 false', '10-20 1 false', '0-10 2 true', '10-20 2 false'],
    ])
  })
})

describe('a window without records', () => {
  it('has a result where `fill` says so, for so many windows after the last one with any, and then no more', async () => {
    const options = { ...EVERY, by: 'bucket', fill: 2 }
    const timed = await openTimed(window, { options })
    await timed.feed(...at(['a', 0], ['b', 0], ['b', 10_000]))
    await timed.restart()
    await timed.feed(...at(['b', 1e12]))
    await timed.end()
    expect(timed.values.map((value) => `${(value as JsonObject).bucket} ${shown(value)}`)).toEqual([
      ...['a 0-10 1', 'b 0-10 1', 'a 10-20 0', 'b 10-20 1', 'a 20-30 0', 'b 20-30 0', 'b 30-40 0'],
      'b 1000000000-1000000010 1',
    ])
    expect(timed.stateKeys).toBe(0)
  })

  it('is filled by the records that come for it all the same', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'bucket', fill: 5, lateness: '20s' } })
    await timed.feed(...at(['a', 0], ['b', 31_000], ['a', 12_000], ['a', 11_000]))
    await timed.end()
    expect(timed.values.map((value) => `${(value as JsonObject).bucket} ${shown(value)}`)).toEqual([
      ...['a 0-10 1', 'a 10-20 2', 'b 30-40 1'],
    ])
  })
})

describe('what windows remember', () => {
  it('is bounded by `max_keys`: records of one key more fail until windows have closed', async () => {
    const timed = await openTimed(window, { options: { ...EVERY, by: 'bucket', max_keys: 2 } })
    await timed.feed(...at(['a', 0], ['b', 1], ['c', 2], ['a', 3]))
    await timed.feed(...at(['a', 10_000], ['c', 11_000]))
    await timed.end()
    expect(timed.failed.map(({ record, error }) => [record.timestamp, error.code])).toEqual([[2, 'SR_STATE_FULL']])
    expect(timed.values.map((value) => (value as JsonObject).bucket)).toEqual(['a', 'b', 'a', 'c'])
  })

  it('is bounded by `max_state`, values that an aggregate keeps included', async () => {
    const options = { every: '10s', aggregate: { n: '$count($)', all: '$join(text)' }, max_state: '2kB' }
    const timed = await openTimed(window, { options })
    await timed.feed(...Array.from({ length: 9 }, (_, n) => ({ at: n, value: { text: 'x'.repeat(100) } })))
    await timed.end()
    const [{ n }] = timed.values as [{ n: number }]
    expect(timed.failed).toHaveLength(9 - n)
    expect(n).toBeGreaterThan(2)
    expect(timed.failed.every(({ error }) => error.code === 'SR_STATE_FULL')).toBe(true)
  })

  it('is gone when the windows are: what is taken and given back comes to nothing', async () => {
    const aggregate = {
      n: '$count($)',
      users: '$count($distinct(u))',
      all: '$join(u)',
      top: '$top(u, 2)',
      p: '$percentile(v, 9)',
    }
    const options = { every: '10s', slide: '2s', by: 'k', aggregate, max_state: '40kB' }
    const timed = await openTimed(window, { options })
    for (let round = 0; round < 50; round++) {
      const values = Array.from({ length: 5 }, (_, n) => ({ u: `${n}`, v: n, k: `${n % 3}` }))
      await timed.feed(...values.map((value) => ({ at: round * 100_000, value })))
      await timed.restart()
    }
    await timed.end()
    expect(timed.failed).toEqual([])
    expect(timed.values).toHaveLength(50 * 3 * 5)
  })
})

describe('the definition of a window', () => {
  it.each<[string, JsonObject, readonly string[]]>([
    ['no kind', {}, ['SR_MISSING_OPTION ']],
    ['two kinds', { every: '1s', session: '1s' }, ['SR_OPTION_REFUSED session']],
    ['a slide without `every`', { session: '1s', slide: '1s' }, ['SR_OPTION_REFUSED slide']],
    ['a slide that leaves gaps', { every: '1s', slide: '2s' }, ['SR_OPTION_REFUSED slide']],
    ['a slide with little in common', { every: '1h', slide: '7ms' }, ['SR_OPTION_REFUSED slide']],
    ['a zone without a calendar', { every: '1s', zone: 'Europe/Berlin' }, ['SR_OPTION_REFUSED zone']],
    ['a zone that is none', { every: '1 day', zone: 'Europe/Berlinn' }, ['SR_BAD_VALUE zone']],
    ['a slide of the calendar', { every: '1 day', slide: '1h' }, ['SR_OPTION_REFUSED slide']],
    ['an offset of the calendar', { every: '1 week', offset: '1h' }, ['SR_OPTION_REFUSED offset']],
    ['two kinds of early results', { every: '1s', emit: { every: '1s', on: 'change' } }, ['SR_OPTION_REFUSED emit/on']],
    ['an aggregate with the name of a key', { every: '1s', by: 'a.n' }, ['SR_OPTION_REFUSED aggregate/n']],
    ['ranks of sessions', { session: '1s', by: 'a', top: { n: 1, by: 'n' } }, ['SR_OPTION_REFUSED top']],
    ['ranks of counted windows', { count: 3, by: 'a', top: { n: 1, by: 'n' } }, ['SR_OPTION_REFUSED top']],
    ['ranks without keys', { every: '1s', top: { n: 1, by: 'n' } }, ['SR_OPTION_REFUSED top']],
    [
      'ranks of open windows',
      { every: '1s', by: 'a', emit: { every: '1s' }, top: { n: 1, by: 'n' } },
      ['SR_OPTION_REFUSED top'],
    ],
    ['ranks by what is no aggregate', { every: '1s', by: 'a', top: { n: 1, by: 'm' } }, ['SR_BAD_VALUE top/by']],
    [
      'ranks within what is no key',
      { every: '1s', by: ['a', 'b'], top: { n: 1, by: 'n', within: 'c' } },
      ['SR_BAD_VALUE top/within'],
    ],
    [
      'ranks within the only key',
      { every: '1s', by: 'a', top: { n: 1, by: 'n', within: 'a' } },
      ['SR_OPTION_REFUSED top/within'],
    ],
    ['a key with the name of the rank', { every: '1s', by: 'rank', top: { n: 1, by: 'n' } }, ['SR_OPTION_REFUSED by']],
    ['a lateness of counted windows', { count: 3, lateness: '1s' }, ['SR_OPTION_REFUSED lateness']],
    ['`fill` where windows overlap', { every: '4s', slide: '1s', fill: 1 }, ['SR_OPTION_REFUSED fill']],
    ['two keys of one name', { every: '1s', by: ['a.b', 'c.b'] }, ['SR_OPTION_REFUSED by/1']],
    ['a key with the name of a bound', { every: '1s', by: 'window_end' }, ['SR_OPTION_REFUSED by']],
  ])('with %s is refused, with its place', async (_, options, wanted) => {
    const context = { storage: memoryStorage(), definitionFolder: '/' }
    const faults = await faultsOf(window, { aggregate: COUNT, ...options }, context)
    expect(faults.map(({ code, path }) => `${code} ${path.join('/')}`)).toEqual(wanted)
  })

  it.each<[string, JsonObject]>([
    ['tumbling', EVERY],
    ['of sessions', { session: '5s', by: { who: 'bucket' }, aggregate: COUNT }],
    ['counted', { count: 1, by: 'bucket', aggregate: COUNT }],
    ['told early', { ...EVERY, emit: { on: 'change' } }],
    ['ranked', { ...EVERY, by: 'bucket', top: { n: 2, by: 'n' } }],
    ['filled', { ...EVERY, by: ['bucket', '$uppercase(bucket)'], fill: 1 }],
  ])('lets `having` see the fields that results have, all but the rank: %s', async (_, options) => {
    const timed = await openTimed(window, { options })
    await timed.feed(...at(['a', 1], ['b', 2], ['a', 30_000]))
    await timed.end()
    const { sees } = await checked(options)
    expect(timed.values.length).toBeGreaterThan(1)
    for (const value of timed.values) {
      const { rank: _rank, ...seen } = value as JsonObject
      expect(sees).toEqual([{ path: ['having'], fields: expect.toSatisfy(sameAs(Object.keys(seen))), clock: true }])
    }
  })

  it('has an identity that changes with what its state means, and with nothing else', async () => {
    const identityWith = async (options: JsonObject) =>
      JSON.stringify((await checked({ ...EVERY, ...options })).identity)
    const before = await identityWith({})
    expect(await identityWith({ having: 'n > 1', lateness: '5s', max_keys: 5 })).toBe(before)
    for (const change of [{ every: '9s' }, { by: 'x' }, { aggregate: { n: '$count(x)' } }, { where: 'x' }]) {
      expect(await identityWith(change)).not.toBe(before)
    }
  })
})

/** What a window with these options says of itself without running. */
async function checked(options: JsonObject): Promise<Check> {
  const context = { storage: memoryStorage(), definitionFolder: '/' }
  return (await window.check?.(readOptions(window.options, options), context)) ?? {}
}

function sameAs(names: readonly string[]): (others: readonly string[]) => boolean {
  return (others) => JSON.stringify(others.toSorted()) === JSON.stringify(names.toSorted())
}

function at(...given: readonly (readonly [bucket: string, time: number])[]): TimedValue[] {
  return given.map(([bucket, time]) => ({ at: time, value: { bucket } }))
}

/** The bounds of a result, in seconds since 1970, and its count. */
function shown(value: Json): string {
  const { window_start, window_end, n } = value as { window_start: string; window_end: string; n: number }
  return `${Date.parse(window_start) / 1000}-${Date.parse(window_end) / 1000} ${n}`
}
