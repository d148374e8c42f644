/** Lengths of time and of data, as definitions write them. */

/** What a calendar divides time into. */
export const CALENDAR_UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const
export type CalendarUnit = (typeof CALENDAR_UNITS)[number]

/** Milliseconds; NaN for text that is no duration. */
export function parseDuration(value: string): number {
  return parseQuantity(value, DURATION_UNITS)
}

/** Milliseconds, or a unit of the calendar; NaN for text that is neither. */
export function parsePeriod(value: string): number | CalendarUnit {
  return CALENDAR_UNITS.find((unit) => value === `1 ${unit}`) ?? parseDuration(value)
}

/** Bytes; NaN for text that is no size. */
export function parseSize(value: string): number {
  return Math.round(parseQuantity(value, SIZE_UNITS))
}

function parseQuantity(value: string, units: Readonly<Record<string, number>>): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(value)
  const unit = match?.[2] !== undefined && Object.hasOwn(units, match[2]) ? units[match[2]] : undefined
  return unit === undefined ? Number.NaN : Number(match?.[1]) * unit
}

const DURATION_UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
}
