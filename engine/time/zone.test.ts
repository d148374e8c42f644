import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findZone, type Zone } from './zone.ts'

const NAMES = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Asia/Kathmandu',
  'Asia/Gaza',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Antarctica/Troll',
  'Asia/Pyongyang',
]

function zone(name: string): Zone {
  return findZone(name) as Zone
}

/** What `Intl` itself says, without our cache. */
function localFields(name: string): (time: number) => string {
  const formatter = new Intl.DateTimeFormat('sv-SE', { timeZone: name, dateStyle: 'short', timeStyle: 'medium' })
  return (time) => formatter.format(time)
}

describe('a zone', () => {
  it.each(NAMES)('shows the time that Intl shows, from 1850 to 2150, near every change too: %s', (name) => {
    const { offsetAt } = zone(name)
    const intl = localFields(name)
    const changes = changesOf(name, Date.UTC(1970, 0), Date.UTC(2040, 0))
    const anywhere = fc.integer({ min: Date.UTC(1850, 0), max: Date.UTC(2150, 0) })
    const near = fc
      .tuple(fc.constantFrom(0, ...changes), fc.integer({ min: -5000, max: 5000 }))
      .map(([at, by]) => at + by)
    fc.assert(
      fc.property(fc.oneof(anywhere, near), (time) => {
        const shown = new Date(time + offsetAt(time)).toISOString()
        expect(shown.slice(0, 19).replace('T', ' ')).toBe(intl(time))
      }),
      { numRuns: 400 },
    )
  })

  it.each(NAMES)('finds the moment of every local time: exactly, or by the rules for gaps and overlaps: %s', (name) => {
    const { offsetAt, toTime } = zone(name)
    const changes = changesOf(name, Date.UTC(1970, 0), Date.UTC(2040, 0))
    const near = fc
      .tuple(fc.constantFrom(0, ...changes), fc.integer({ min: -100_000_000, max: 100_000_000 }))
      .map(([at, by]) => at + by)
    fc.assert(
      fc.property(near, (local) => {
        const time = toTime(local)
        const shown = time + offsetAt(time)
        // Every moment that shows this local time is as far from it as one of the offsets around.
        const candidates = [-1, 1].map((days) => local - offsetAt(local + days * 86_400_000))
        const exact = candidates.filter((one) => one + offsetAt(one) === local)
        if (exact.length > 0) expect(time).toBe(Math.min(...exact))
        else expect(shown - local).toBe(Math.abs((candidates[0] as number) - (candidates[1] as number)))
      }),
    )
  })

  const berlin = zone('Europe/Berlin')
  it.each([
    ['2024-03-31T02:30:00Z', '2024-03-31T01:30:00.000Z', 'a time that the clocks skip counts on from before'],
    ['2024-03-31T01:59:59Z', '2024-03-31T00:59:59.000Z', 'the last moment before the gap'],
    ['2024-03-31T03:00:00Z', '2024-03-31T01:00:00.000Z', 'the first moment behind it'],
    ['2024-10-27T02:30:00Z', '2024-10-27T00:30:00.000Z', 'a time that comes twice is the first'],
    ['2024-10-27T03:00:00Z', '2024-10-27T02:00:00.000Z', 'the first moment that comes once again'],
  ])('in Berlin %s is %s: %s', (local, time) =>
    expect(new Date(berlin.toTime(Date.parse(local))).toISOString()).toBe(time),
  )

  it('knows that Samoa had no 30 December 2011', () => {
    const apia = zone('Pacific/Apia')
    const noon = Date.parse('2011-12-30T12:00:00Z')
    expect(new Date(apia.toTime(noon)).toISOString()).toBe('2011-12-30T22:00:00.000Z')
  })

  it('is found by any name that Intl knows, and by an offset', () => {
    expect(findZone('europe/berlin')?.name).toBe('Europe/Berlin')
    expect(findZone('-03:30')?.offsetAt(0)).toBe(-12_600_000)
    for (const name of ['UTC', 'Etc/UTC']) expect(findZone(name)?.name).toBe('UTC')
    for (const name of ['', 'Berlin', '+1', '+24:00', '02:00', 'local']) expect(findZone(name)).toBeUndefined()
  })

  it('has an answer for every moment that a Date can hold', () => {
    for (const time of [-8.64e15, 8.64e15]) expect(Math.abs(berlin.offsetAt(time))).toBeLessThan(86_400_000)
  })
})

/** The moments at which the offset changes, found by `Intl` day by day. */
function changesOf(name: string, from: number, to: number): number[] {
  const intl = localFields(name)
  const offset = (time: number) => Date.parse(`${intl(time).replace(' ', 'T')}Z`) - time
  const changes: number[] = []
  for (let day = from; day < to; day += 7 * 86_400_000) {
    let [low, high] = [day, day + 7 * 86_400_000]
    if (offset(low) === offset(high)) continue
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000
      if (offset(middle) === offset(low)) low = middle
      else high = middle
    }
    changes.push(high)
  }
  return changes
}
