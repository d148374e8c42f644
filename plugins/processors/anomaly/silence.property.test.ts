import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StateTable } from '../../../engine/checkpoint/keyed-state.ts'
import { openTimed, type TimedProcessor } from '../../../test/contract/index.ts'
import { keyParts } from '../../shared/by.ts'
import { Expected } from './expected.ts'
import anomaly from './index.ts'
import { HEARD, type Heard, Silence, type Told } from './silence.ts'

const WITHIN = 20
const BOUND = 31

interface Sighting {
  readonly at: number
  readonly key: string
}

const SIGHTINGS = fc.array(fc.record({ at: fc.nat(300), key: fc.constantFrom('a', 'b', 'c') }), {
  minLength: 1,
  maxLength: 40,
})
const DELAYS = fc.array(fc.nat(BOUND), { minLength: 40, maxLength: 40 })
const EXPECTED = fc.constantFrom(undefined, ['a', 'never'], ['never', 'nobody', 'b', 'c'])

describe('absence', () => {
  it('tells the gaps between the sorted times of each key, once, for every order that stays within the bound', async () => {
    await fc.assert(
      fc.asyncProperty(SIGHTINGS, DELAYS, EXPECTED, async (sightings, delays, expected) => {
        const wanted = silencesIn(sightings, expected ?? [])
        for (const order of [sorted(sightings), shuffled(sightings, delays)]) {
          const timed = await opened(expected)
          await timed.feed(...order.map(({ at, key }) => ({ at, value: { key } })))
          await timed.end()
          expect(toldBy(timed)).toEqual(wanted)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('tells the same, cut anywhere, restarted anywhere, where a crash comes while many are told', async () => {
    const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 5 }), restart: fc.boolean() }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(SIGHTINGS, DELAYS, EXPECTED, cuts, async (sightings, delays, expected, cuts) => {
        const timed = await opened(expected, { room: 1, crashes: true })
        const rest = shuffled(sightings, delays).map(({ at, key }) => ({ at, value: { key } }))
        for (let cut = 0; rest.length > 0; cut = (cut + 1) % cuts.length) {
          await timed.feed(...rest.splice(0, cuts[cut]?.size))
          if (cuts[cut]?.restart) await timed.restart()
        }
        await timed.end()
        expect(toldBy(timed)).toEqual(silencesIn(sightings, expected ?? []))
      }),
      { numRuns: 200 },
    )
  })
})

it('an expected key that the end of the input came before is missed after the next start', () => {
  const [heard, told] = [new StateTable<Heard>([], HEARD), new StateTable<Told>([])]
  const awaited = new StateTable<number>([])
  const head = { rule: 'silent', severity: 'warning', parts: keyParts('key') } as const
  const rule = { head, component: 'watch', within: WITHIN, coolDown: 0, maxKeys: 9 }
  const start = () => new Silence({ ...rule, heard, told, expected: new Expected(['a', 'b', 'c'], awaited) })
  const tellAll = (silence: Silence, watermark: number) => {
    const alerts: unknown[] = []
    while (silence.tellNext(watermark, ({ value }) => alerts.push((value as { key: { key: string } }).key.key)));
    return alerts
  }
  const first = start()
  first.hear('a', 0, Number.NEGATIVE_INFINITY)
  first.hear('b', 2 * WITHIN, 0)
  expect(tellAll(first, Number.POSITIVE_INFINITY)).toEqual(['b'])
  expect(tellAll(start(), WITHIN)).toEqual([])
  expect(tellAll(start(), WITHIN + 1)).toEqual(['c', 'a'])
})

function opened(expected: readonly string[] | undefined, more: object = {}): Promise<TimedProcessor> {
  const absence = { for: `${WITHIN}ms`, ...(expected === undefined ? {} : { expected }) }
  const options = { rules: [{ name: 'silent', by: 'key', absence }] }
  return openTimed(anomaly, { options, outOfOrderness: BOUND, ...more })
}

function sorted(sightings: readonly Sighting[]): readonly Sighting[] {
  return sightings.toSorted((a, b) => a.at - b.at)
}

/** Nothing is more than the bound behind what came before it. */
function shuffled(sightings: readonly Sighting[], delays: readonly number[]): readonly Sighting[] {
  const arrivals = sightings.map((sighting, index) => ({ sighting, at: sighting.at + (delays[index] as number) }))
  return arrivals.toSorted((a, b) => a.at - b.at).map(({ sighting }) => sighting)
}

/** What a plain program finds: `[key, last seen, told at]`, in the order in which they are due, who never came in front. */
function silencesIn(sightings: readonly Sighting[], expected: readonly string[]): readonly unknown[] {
  const times = sorted(sightings).map(({ at }) => at)
  const start = times[0] as number
  const watermark = (times.at(-1) as number) - BOUND
  const keys = new Set([...expected, ...sightings.map(({ key }) => key)])
  const found = [...keys].flatMap((key) => {
    const own = sorted(sightings.filter((one) => one.key === key)).map(({ at }) => at)
    const seen = expected.includes(key) && own[0] !== start ? [start, ...own] : own
    return seen.flatMap((last, index) => {
      const next = seen[index + 1] ?? watermark
      return next - last > WITHIN ? [[key, own.includes(last) ? last : undefined, last + WITHIN] as const] : []
    })
  })
  const isLess = ([key, last]: (typeof found)[number], [other, seen]: (typeof found)[number]) =>
    (last === undefined) === (seen === undefined) ? key < other : last === undefined
  return found.toSorted((a, b) => a[2] - b[2] || (isLess(a, b) ? -1 : 1))
}

function toldBy(timed: TimedProcessor): readonly unknown[] {
  return timed.ports('alerts').map(({ value, timestamp }) => {
    const { key, last_seen: last } = value as { readonly key: { readonly key: string }; readonly last_seen?: string }
    return [key.key, last === undefined ? undefined : Date.parse(last), timestamp]
  })
}
