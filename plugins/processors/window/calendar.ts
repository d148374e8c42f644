import type { option } from '../../../engine/plugin.ts'
import type { Grid } from './grid.ts'

type CalendarUnit = option.CalendarUnit

/**
 * Windows from midnight to midnight of a time zone. A day begins at the first moment that the zone's clocks show its date,
 * so that days have 23, 24 or 25 hours, whatever the clocks do at midnight (WI-09).
 */
export function calendarGrid(unit: CalendarUnit, zone: string): Grid {
  const clock = new ZoneClock(zone)
  const windows = new Map<number, { readonly start: number; readonly end: number }>()

  function windowAt(moment: number): { readonly start: number; readonly end: number } {
    const window = windowOf(firstDay(clock.dayAt(moment), unit))
    // Clocks that go back over midnight show a date twice: its second time belongs to the day that has begun.
    return moment < window.end ? window : windowOf(firstDay(clock.dayAt(window.end), unit))
  }

  function windowOf(first: number): { readonly start: number; readonly end: number } {
    const known = windows.get(first)
    if (known !== undefined) return known
    const window = { start: clock.startOf(first), end: clock.startOf(nextFirstDay(first, unit)) }
    if (windows.size >= MOST_KNOWN) windows.clear()
    windows.set(first, window)
    return window
  }

  return {
    paneAt: (moment) => windowAt(moment).start,
    paneEnd: (start) => windowAt(start).end,
    endAfter: (moment) => (Number.isFinite(moment) ? windowAt(moment).end : moment),
    lastEnd: (pane) => windowAt(pane).end,
    startOf: (end) => windowAt(end - 1).start,
  }
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

const MOST_KNOWN = 1000
const HOUR = 3_600_000
const DAY = 24 * HOUR

/** What the clocks of a zone show. Dates are counted in days since 1970-01-01, as they stand on the calendar. */
class ZoneClock {
  readonly #format: Intl.DateTimeFormat

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en-u-ca-gregory', {
      timeZone: zone,
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
    })
  }

  dayAt(moment: number): number {
    const parts = this.#format.formatToParts(moment)
    const of = (type: string) => parts.find((part) => part.type === type)?.value ?? ''
    const year = of('era').startsWith('B') ? 1 - Number(of('year')) : Number(of('year'))
    return utcDay(year, Number(of('month')) - 1, Number(of('day')))
  }

  /** The first moment at which the date is `day` or later. Zones are at most a day away from UTC. */
  startOf(day: number): number {
    let before = day * DAY - DAY
    let within = day * DAY + DAY
    // Clocks change by whole minutes; those of before 1900 by seconds.
    while (within - before > 1) {
      const middle = Math.floor((before + within) / 2)
      if (this.dayAt(middle) >= day) within = middle
      else before = middle
    }
    return within
  }
}

/** The first day of the week, month, ... that the day is in. */
function firstDay(day: number, unit: CalendarUnit): number {
  if (unit === 'day') return day
  // 1970-01-01 was a Thursday.
  if (unit === 'week') return day - ((((day + 3) % 7) + 7) % 7)
  const { year, month } = monthOf(day)
  return utcDay(year, month - (month % MONTHS[unit]), 1)
}

function nextFirstDay(first: number, unit: CalendarUnit): number {
  if (unit === 'day') return first + 1
  if (unit === 'week') return first + 7
  const { year, month } = monthOf(first)
  return utcDay(year, month + MONTHS[unit], 1)
}

const MONTHS = { month: 1, quarter: 3, year: 12 }

function monthOf(day: number): { readonly year: number; readonly month: number } {
  const date = new Date(day * DAY)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() }
}

/** `Date.UTC` takes years below 100 for those of the last century. */
function utcDay(year: number, month: number, day: number): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime() / DAY
}
