import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diskStorage } from '../../../engine/storage.ts'
import { faultsOf, openTimed, processorContext, type TimedValue } from '../../../test/contract/index.ts'
import anomaly from './index.ts'
import { HEARD } from './silence.ts'

type Rule = { readonly [option: string]: unknown }
const opened = (rules: readonly Rule[], more: object = {}) =>
  openTimed(anomaly, { options: { rules, ...more } as never, outOfOrderness: 0 })

const amounts = (...values: readonly (number | string | undefined)[]): TimedValue[] =>
  values.map((amount, n) => ({ at: n * 1000, value: amount === undefined ? {} : { amount } }))

/** Which of the values a rule marks, by their place. */
async function marked(rule: Rule, ...values: readonly (number | string | undefined)[]): Promise<number[]> {
  const timed = await opened([{ name: 'rule', warm_up: 0, ...rule }])
  await timed.feed(...amounts(...values))
  return timed.values.flatMap((value, place) => ('anomalies' in (value as object) ? [place] : []))
}

describe('a rule', () => {
  it('with a condition marks the records for which it is true', async () => {
    expect(await marked({ condition: 'amount > 2' }, 1, 3, undefined, 2, 9)).toEqual([1, 4])
  })

  it('with a list of values marks one of them, and tells a number from a text', async () => {
    expect(await marked({ values: { of: 'amount', listed: [1, 'x'] } }, 1, '1', 'x', undefined, 2)).toEqual([0, 2])
  })

  it('with a threshold marks what is outside of the bounds, which are inside', async () => {
    expect(await marked({ threshold: { of: 'amount', min: 2, max: 4 } }, 1, 2, 4, 5, undefined)).toEqual([0, 3])
  })

  it('with a z-score marks what is too far from the mean of all before it, by the textbook', async () => {
    const amount = fc.integer({ min: 0, max: 50 })
    await fc.assert(
      fc.asyncProperty(fc.array(amount, { minLength: 3, maxLength: 40 }), async (values) => {
        const expected = values.flatMap((value, place) => {
          const before = values.slice(0, place)
          if (before.length < 2) return []
          const mean = before.reduce((sum, one) => sum + one, 0) / place
          const deviation = Math.sqrt(before.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (place - 1))
          // What lies on the edge may fall on either side of it.
          const distance = Math.abs(value - mean) - 2.01 * deviation
          return distance > 0 ? [place] : []
        })
        expect(await marked({ z_score: { of: 'amount', limit: 2.01 } }, ...values)).toEqual(expected)
      }),
      { numRuns: 50 },
    )
  })

  it('with ewma follows a level that moves, where a z-score does not', async () => {
    const low = Array.from({ length: 40 }, (_, n) => 10 + (n % 3))
    const high = low.map((value) => value + 40)
    const rule = { ewma: { of: 'amount', alpha: 0.3, limit: 3 } }
    const places = await marked(rule, ...low, ...high)
    expect(places).toContain(40)
    expect(places).not.toContain(79)
  })

  it('with mad is not blinded by the outliers before it', async () => {
    const values = [10, 11, 9, 10, 1000, 1000, 10, 11, 9, 10, 30]
    expect(await marked({ mad: { of: 'amount', last: 10 } }, ...values)).toContain(10)
    expect(await marked({ z_score: { of: 'amount' } }, ...values)).not.toContain(10)
  })

  it('with iqr marks what lies beyond the fences of the last values, and forgets older ones', async () => {
    const values = [...[1, 2, 3, 4, 5, 6, 7, 8], 15, 14, ...Array.from({ length: 8 }, () => 50), 50, 3]
    const rule = { iqr: { of: 'amount', last: 8 } }
    // Quartiles 2.75 and 6.25: the fences are -2.5 and 11.5. At the end all that is remembered is 50.
    expect((await marked(rule, ...values)).filter((place) => place === 8 || place > 17)).toEqual([8, 19])
  })

  it('with a rate of change marks what changes faster than it may, in event time', async () => {
    const timed = await opened([{ name: 'jump', warm_up: 0, rate_of_change: { of: 'amount', limit: 5, per: '1s' } }])
    const at = (time: number, amount: number) => ({ at: time, value: { amount } })
    await timed.feed(at(0, 10), at(1000, 15), at(2000, 21), at(12_000, 71), at(12_500, 68))
    expect(timed.ports('alerts').map(({ timestamp }) => timestamp)).toEqual([2000, 12_500])
    expect(timed.ports('alerts')[0]?.value).toMatchObject({ observed: 21, expected: { min: 10, max: 20 } })
  })

  it('learns `warm_up` values of each key before it judges', async () => {
    const timed = await opened([{ name: 'odd', by: 'user', warm_up: 3, z_score: { of: 'amount' } }])
    const of = (user: string, ...values: number[]) => values.map((amount, at) => ({ at, value: { user, amount } }))
    await timed.feed(...of('a', 1, 2, 999, 1), ...of('b', 1, 2, 1, 999))
    expect(timed.ports('alerts').map(({ value }) => value)).toMatchObject([{ key: { user: 'b' }, observed: 999 }])
  })

  it('raises no second alert of a key within `cool_down`, and marks the record all the same', async () => {
    const timed = await opened([{ name: 'high', cool_down: '10s', threshold: { of: 'amount', max: 1 } }])
    await timed.feed(...amounts(2, 2, 2, ...Array.from({ length: 7 }, () => 0), 2, 2))
    expect(timed.ports('alerts').map(({ timestamp }) => timestamp)).toEqual([0, 10_000])
    expect(timed.values.filter((value) => 'anomalies' in (value as object))).toHaveLength(5)
    expect(timed.ports('alerts')[1]?.value).toMatchObject({
      history: { alerts: 1, last_alert: '1970-01-01T00:00:00.000Z' },
    })
  })

  it('fails a record whose number is none, before any rule has learned from it', async () => {
    const rules = [
      { name: 'first', warm_up: 0, z_score: { of: 'amount' } },
      { name: 'second', threshold: { of: 'other', max: 1 } },
    ]
    const timed = await opened(rules)
    await timed.feed({ at: 0, value: { amount: 1, other: 'x' } }, { at: 0, value: { amount: true, other: 1 } })
    expect(timed.failed.map(({ error }) => error.code)).toEqual(['SR_RECORD_SHAPE', 'SR_RECORD_SHAPE'])
    expect(timed.stateKeys).toBe(0)
  })
})

describe('an alert', () => {
  it('tells rule, severity, key, time, observed value, expected band, history and the record', async () => {
    const rules = [{ name: 'odd', severity: 'critical', by: { who: 'user' }, warm_up: 2, z_score: { of: 'amount' } }]
    const timed = await opened(rules)
    for (const amount of [10, 12, 100]) await timed.feed({ at: amount, value: { user: 'a', amount } })
    expect(timed.ports('alerts').map(({ value, timestamp }) => ({ value, timestamp }))).toEqual([
      {
        timestamp: 100,
        value: {
          rule: 'odd',
          severity: 'critical',
          key: { who: 'a' },
          at: '1970-01-01T00:00:00.100Z',
          observed: 100,
          expected: { min: 11 - 3 * Math.SQRT2, max: 11 + 3 * Math.SQRT2 },
          history: { values: 2, alerts: 0 },
          record: { user: 'a', amount: 100 },
        },
      },
    ])
  })

  it('comes for each rule that a record breaks; the record goes on once, with all their names', async () => {
    const rules = ['b', 'a'].map((name) => ({ name, condition: 'amount > 1' }))
    const timed = await opened(rules, { mark: 'flags.rules' })
    await timed.feed(...amounts(2, 1))
    expect(timed.values).toEqual([{ amount: 2, flags: { rules: ['b', 'a'] } }, { amount: 1 }])
    expect(timed.ports('alerts')).toHaveLength(2)
  })
})

describe('absence', () => {
  const from = (at: number, country: string) => ({ at, value: { country } })
  const silent = (more: object = {}) => opened([{ name: 'silent', by: 'country', absence: { for: '5m', ...more } }])
  const MINUTE = 60_000

  it('is told once for a key that was there, when the watermark is past its time, and again after it came back', async () => {
    const timed = await silent()
    await timed.feed(from(0, 'DE'), from(MINUTE, 'FR'), from(4 * MINUTE, 'FR'))
    expect(timed.ports('alerts')).toEqual([])
    await timed.feed(from(5 * MINUTE, 'FR'), from(9 * MINUTE, 'FR'), from(10 * MINUTE, 'DE'))
    await timed.watermark(15 * MINUTE)
    expect(timed.ports('alerts')).toHaveLength(2)
    await timed.watermark(15 * MINUTE + 1)
    expect(timed.ports('alerts').map(({ value, timestamp }) => [timestamp / MINUTE, value])).toMatchObject([
      [5, { key: { country: 'DE' }, last_seen: '1970-01-01T00:00:00.000Z', expected: { within_ms: 5 * MINUTE } }],
      [14, { key: { country: 'FR' } }],
      [15, { key: { country: 'DE' }, history: { alerts: 1, last_alert: '1970-01-01T00:05:00.000Z' } }],
    ])
  })

  it('is told for a key that is expected and never came, which was never seen', async () => {
    const timed = await silent({ expected: ['DE', 'IT'] })
    await timed.feed(from(0, 'DE'))
    await timed.watermark(5 * MINUTE + 1)
    const missed = timed.ports('alerts').map(({ value }) => value as { key: { country: string }; last_seen?: string })
    expect(missed.map(({ key, last_seen }) => [key.country, last_seen])).toEqual([
      ['IT', undefined],
      ['DE', '1970-01-01T00:00:00.000Z'],
    ])
  })

  it('of expected keys begins with the earliest record that is not late', async () => {
    const absence = { for: '5m', expected: ['IT'] }
    const rules = [{ name: 'silent', by: 'country', absence }]
    const timed = await openTimed(anomaly, { options: { rules }, outOfOrderness: 2 * MINUTE })
    await timed.feed(...[10, 9, 2, 11].map((minute) => from(minute * MINUTE, 'DE')))
    await timed.watermark(15 * MINUTE)
    expect(timed.ports('alerts').map(({ timestamp }) => timestamp / MINUTE)).toEqual([14])
  })

  it('is expected of keys of several parts, each a list', async () => {
    const absence = { for: '5m', expected: [['DE', 1]] }
    const timed = await opened([{ name: 'silent', by: ['country', 'shop'], absence }])
    await timed.feed({ at: 0, value: { country: 'DE', shop: 2 } })
    await timed.watermark(5 * MINUTE + 1)
    expect(timed.ports('alerts').map(({ value }) => value)).toMatchObject([
      { key: { country: 'DE', shop: 1 } },
      { key: { country: 'DE', shop: 2 } },
    ])
  })

  it('is not told for a record of a known key that is too late, whether its silence was told or not', async () => {
    const timed = await silent()
    await timed.feed(from(0, 'DE'), from(10 * MINUTE, 'FR'))
    expect(timed.ports('alerts')).toHaveLength(1)
    await timed.feed(from(-1, 'DE'), from(MINUTE, 'DE'), from(MINUTE, 'FR'))
    await timed.watermark(14 * MINUTE)
    expect(timed.ports('alerts')).toHaveLength(1)
  })

  it('follows the last time of a key that an older checkpoint kept', () => {
    expect(HEARD.decode(7)).toEqual(HEARD.decode([7, 7]))
  })

  it('is told once for each key where a crash comes while many are told', async () => {
    const step = fc.record({ at: fc.nat(20), country: fc.constantFrom('DE', 'FR', 'IT', 'ES') })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), fc.integer({ min: 1, max: 2 }), async (steps, room) => {
        const rules = [
          { name: 'silent', by: 'country', absence: { for: '5m', expected: ['PL'] }, cool_down: '8m' },
          { name: 'quiet', by: 'country', absence: { for: '3m' } },
        ]
        const seen = [false, true].map(async (crashes) => {
          const timed = await openTimed(anomaly, { options: { rules }, room: crashes ? room : 100, crashes })
          for (const { at, country } of steps) await timed.feed(from(at * MINUTE, country))
          await timed.watermark(30 * MINUTE)
          return [timed.values, timed.ports('alerts').map(({ value }) => value), timed.stateKeys]
        })
        expect(await seen[1]).toEqual(await seen[0])
      }),
      { numRuns: 60 },
    )
  })

  it('is told once over a restart, and one that is still open not at the end of input', async () => {
    const timed = await silent()
    await timed.feed(from(0, 'DE'))
    await timed.restart()
    await timed.watermark(6 * MINUTE)
    await timed.restart()
    await timed.watermark(20 * MINUTE)
    await timed.feed(from(21 * MINUTE, 'DE'))
    await timed.end()
    expect(timed.ports('alerts')).toHaveLength(1)
  })
})

describe('the state', () => {
  it('gives the same after a restart anywhere', async () => {
    const rules = [
      { name: 'z', by: 'u', warm_up: 2, z_score: { of: 'v', limit: 1 } },
      { name: 'e', by: 'u', warm_up: 2, ewma: { of: 'v', limit: 1 }, cool_down: '3ms' },
      { name: 'm', warm_up: 2, mad: { of: 'v', last: 5, limit: 1 } },
      { name: 'r', by: 'u', warm_up: 1, rate_of_change: { of: 'v', limit: 3, per: '1ms' } },
      { name: 's', by: 'u', absence: { for: '4ms' } },
    ]
    const step = fc.record({ u: fc.nat(2), v: fc.nat(9), wait: fc.nat(3), restart: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const [whole, broken] = [await opened(rules), await opened(rules)]
        let at = 0
        for (const { u, v, wait, restart } of steps) {
          at += wait
          const record = { at, value: { u, v } }
          await whole.feed(record)
          await broken.feed(record)
          if (restart) await broken.restart()
        }
        const seen = (timed: typeof whole) => [timed.values, timed.ports('alerts').map(({ value }) => value)]
        expect(seen(broken)).toEqual(seen(whole))
      }),
      { numRuns: 60 },
    )
  })

  it('holds no more keys than it may, and counts those that it forgets', async () => {
    const context = processorContext()
    const rules = [{ name: 'z', by: 'u', z_score: { of: 'v' } }]
    const timed = await openTimed(anomaly, { options: { rules, max_keys: 2 }, context })
    await timed.feed(...[1, 2, 3, 1].map((u) => ({ at: 0, value: { u, v: 1 } })))
    expect(timed.stateKeys).toBe(2)
    expect(context.recorded.counts.get('forgotten')).toBe(2)
  })
})

it('a rule with no detector, with two, with a name that is taken, or with impossible bounds is a fault at its place', async () => {
  expect(
    await faultsIn(
      { name: 'a', condition: 'x' },
      { name: 'a', condition: 'x', z_score: { of: 'v' } },
      { name: 'b' },
      { name: 'c', threshold: { of: 'v' } },
      { name: 'd', threshold: { of: 'v', min: 5, max: 1 } },
      { name: 'e', threshold: { of: 'v', min: 5, max: 5 } },
    ),
  ).toEqual([
    'rules.1.name SR_DUPLICATE_NAME',
    'rules.1.z_score SR_OPTION_REFUSED',
    'rules.2 SR_MISSING_OPTION',
    'rules.3.threshold SR_MISSING_OPTION',
    'rules.4.threshold.max SR_OPTION_REFUSED',
  ])
})

it('keys that are expected must be such as `by` gives', async () => {
  const rule = (name: string, by: unknown, ...expected: unknown[]) => ({ name, by, absence: { for: '1m', expected } })
  expect(
    await faultsIn(
      { name: 'a', absence: { for: '1m', expected: ['DE'] } },
      rule('b', 'country', 'DE', 1, true, null, ['DE'], { country: 'DE' }),
      rule('c', ['country', 'shop'], ['DE', 1], 'DE', ['DE'], ['DE', null], ['DE', 1, 2]),
      rule('d', { land: 'country' }, 'DE'),
    ),
  ).toEqual([
    'rules.0.absence.expected SR_OPTION_REFUSED',
    'rules.1.absence.expected.3 SR_BAD_VALUE',
    'rules.1.absence.expected.4 SR_BAD_VALUE',
    'rules.1.absence.expected.5 SR_BAD_VALUE',
    'rules.2.absence.expected.1 SR_BAD_VALUE',
    'rules.2.absence.expected.2 SR_BAD_VALUE',
    'rules.2.absence.expected.3 SR_BAD_VALUE',
    'rules.2.absence.expected.4 SR_BAD_VALUE',
  ])
})

async function faultsIn(...rules: readonly object[]): Promise<readonly string[]> {
  const faults = await faultsOf(anomaly, { rules: rules as never }, { storage: diskStorage(), definitionFolder: '/' })
  return faults.map(({ path, code }) => `${path.join('.')} ${code}`)
}
