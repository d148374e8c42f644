import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { option } from '../../../engine/plugin.ts'
import { calendarGrid } from './calendar.ts'

const ZONES = [
  ...['UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kolkata', 'Asia/Kathmandu', 'Asia/Tehran'],
  ...['Australia/Lord_Howe', 'Pacific/Apia', 'Pacific/Chatham', 'Africa/Casablanca', 'America/St_Johns', 'Asia/Beirut'],
]
const HOUR = 3_600_000
const MOMENTS = fc.integer({ min: Date.UTC(1925, 0), max: Date.UTC(2035, 0) })

describe.each(ZONES)('calendar windows in %s', (zone) => {
  it('hold the moments that Intl shows with their date, and end where the next one begins', () => {
    const grid = calendarGrid('day', zone)
    const format = new Intl.DateTimeFormat('sv', { timeZone: zone, dateStyle: 'short' })
    fc.assert(
      fc.property(MOMENTS, (moment) => {
        const start = grid.paneAt(moment)
        const end = grid.paneEnd(start)
        expect(start <= moment && moment < end).toBe(true)
        expect(format.format(start)).toBe(format.format(moment))
        expect(format.format(start - 1) < format.format(start)).toBe(true)
        expect(format.format(end) > format.format(end - 1)).toBe(true)
        expect([grid.paneAt(end), grid.endAfter(moment), grid.startOf(end), grid.lastEnd(start)]).toEqual([
          end,
          end,
          start,
          end,
        ])
      }),
      { numRuns: 60 },
    )
  })
})

describe('a calendar window', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T12:00Z', 23],
    ['Europe/Berlin', '2026-10-25T12:00Z', 25],
    ['Europe/Berlin', '2026-10-26T12:00Z', 24],
    ['Australia/Lord_Howe', '2026-04-05T02:00Z', 24.5],
    ['America/Sao_Paulo', '2018-11-04T15:00Z', 23],
    ['America/Sao_Paulo', '2018-02-17T15:00Z', 25],
    ['Asia/Beirut', '2024-03-31T12:00Z', 23],
    ['Pacific/Apia', '2011-12-30T09:59Z', 24],
    ['Pacific/Apia', '2011-12-30T10:00Z', 24],
  ])('in %s at %s has %d hours', (zone, moment, hours) => {
    const grid = calendarGrid('day', zone)
    const start = grid.paneAt(Date.parse(moment))
    expect((grid.paneEnd(start) - start) / HOUR).toBe(hours)
  })

  it.each<[option.CalendarUnit, string, string, string]>([
    ['week', '2026-03-01T12:00Z', '2026-02-22T23:00Z', '2026-03-01T23:00Z'],
    ['week', '1969-12-30T12:00Z', '1969-12-28T23:00Z', '1970-01-04T23:00Z'],
    ['month', '2024-02-29T12:00Z', '2024-01-31T23:00Z', '2024-02-29T23:00Z'],
    ['quarter', '2026-05-15T12:00Z', '2026-03-31T22:00Z', '2026-06-30T22:00Z'],
    ['year', '2026-05-15T12:00Z', '2025-12-31T23:00Z', '2026-12-31T23:00Z'],
  ])('of a %s holds %s from %s to %s in Berlin', (unit, moment, start, end) => {
    const grid = calendarGrid(unit, 'Europe/Berlin')
    expect(grid.paneAt(Date.parse(moment))).toBe(Date.parse(start))
    expect(grid.paneEnd(Date.parse(start))).toBe(Date.parse(end))
  })

  it('lies right before our era, too', () => {
    const grid = calendarGrid('year', 'UTC')
    expect(grid.paneAt(Date.parse('-000043-06-01T00:00:00Z'))).toBe(Date.parse('-000043-01-01T00:00:00Z'))
    expect(grid.paneEnd(Date.parse('0000-01-01T00:00:00Z'))).toBe(Date.parse('0001-01-01T00:00:00Z'))
  })
})
