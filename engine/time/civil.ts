/**
 * The proleptic Gregorian calendar as numbers. Not `Date`: `Date.UTC` takes the years 0 to 99 for 1900 to 1999.
 * Formulas: Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil and civil_from_days.
 */

export const DAY_MS = 86_400_000

/** Times that a `Date` can hold, epoch milliseconds on both sides of 0. */
export const MAX_TIME_MS = 8.64e15

export interface Civil {
  readonly year: number
  /** From 1. */
  readonly month: number
  /** From 1. */
  readonly day: number
}

/** Days since 1970-01-01; negative before. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function civilFromDays(days: number): Civil {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096)
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365)
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day }
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** From 0 for Sunday. */
export function weekdayOf(days: number): number {
  return (((days + 4) % 7) + 7) % 7
}

/** The whole part below: -1 divided by 1000 is -1, not 0. Exact for safe integers, where `Math.floor(a / b)` need not be. */
export function floorDivide(dividend: number, divisor: number): number {
  const rest = dividend % divisor
  return (dividend - rest) / divisor - (rest < 0 ? 1 : 0)
}

/** Undefined where a time is none, or beyond what a `Date` can hold. */
export function inRange(time: number | undefined): number | undefined {
  return time !== undefined && time >= -MAX_TIME_MS && time <= MAX_TIME_MS ? time : undefined
}
