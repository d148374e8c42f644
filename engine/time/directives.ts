/**
 * What may follow a `%` in a pattern, as in `strptime` and `strftime`. Each directive says how to read its field and
 * how to write it.
 */

import { weekdayOf } from './civil.ts'
import { isDigit, milliseconds, pad, printOffset, printYear, readOffset, twoDigits } from './digits.ts'

/** What was read. */
export interface Fields {
  year: number
  month: number
  day: number
  dayOfYear: number
  /** From 0 for Sunday. */
  weekday: number
  hour: number
  /** Of a clock with twelve hours. */
  hour12: number
  afternoon: number
  minute: number
  second: number
  ms: number
  /** Milliseconds ahead of UTC. */
  offset: number
  /** Seconds since 1970. */
  epoch: number
}

/** A time to be written. */
export interface Written {
  /** Milliseconds. */
  readonly time: number
  /** Days since 1970 of the local date. */
  readonly days: number
  readonly year: number
  readonly month: number
  readonly day: number
  readonly dayOfYear: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly ms: number
  readonly offset: number
}

export interface Directive {
  readonly about: string
  /** What it sets: a pattern that sets a field twice cannot be read with. */
  readonly sets: keyof Fields
  /** Reads at `at`; where it ends, or -1. */
  readonly read: (text: string, at: number, into: Fields) => number
  readonly write: (time: Written) => string
}

/** By what follows the `%`. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: {
    about: 'year, four digits, or a sign and six',
    sets: 'year',
    read: (text, at, into) => {
      const sign = text[at]
      if (sign !== '+' && sign !== '-') return digits(text, at, 4, 4, 'year', into)
      const end = digits(text, at + 1, 6, 6, 'year', into)
      if (sign === '-') into.year = -into.year
      return end
    },
    write: ({ year }) => printYear(year),
  },
  y: {
    about: 'year of the century: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068',
    sets: 'year',
    read: (text, at, into) => {
      const year = twoDigits(text, at)
      into.year = year + (year < 69 ? 2000 : 1900)
      return year < 0 ? -1 : at + 2
    },
    write: ({ year }) => pad(((year % 100) + 100) % 100),
  },
  m: two('month', 'month, 01 to 12'),
  '-m': oneOrTwo('month', 'month, 1 to 12'),
  b: named('month', 'month as Jan to Dec', 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec', 1),
  B: named(
    'month',
    'month as January to December',
    'January February March April May June July August September October November December',
    1,
  ),
  d: two('day', 'day of the month, 01 to 31'),
  '-d': oneOrTwo('day', 'day of the month, 1 to 31'),
  e: {
    about: 'day of the month, a space before a single digit',
    sets: 'day',
    read: (text, at, into) =>
      text[at] === ' ' ? digits(text, at + 1, 1, 1, 'day', into) : digits(text, at, 1, 2, 'day', into),
    write: ({ day }) => String(day).padStart(2),
  },
  j: {
    about: 'day of the year, 001 to 366',
    sets: 'dayOfYear',
    read: (text, at, into) => digits(text, at, 3, 3, 'dayOfYear', into),
    write: ({ dayOfYear }) => pad(dayOfYear, 3),
  },
  a: named('weekday', 'day of the week as Sun to Sat; a wrong one is no time', 'Sun Mon Tue Wed Thu Fri Sat', 0),
  A: named(
    'weekday',
    'day of the week as Sunday to Saturday; a wrong one is no time',
    'Sunday Monday Tuesday Wednesday Thursday Friday Saturday',
    0,
  ),
  H: two('hour', 'hour, 00 to 23'),
  '-H': oneOrTwo('hour', 'hour, 0 to 23'),
  I: { ...two('hour12', 'hour, 01 to 12; with %p'), write: ({ hour }) => pad(((hour + 11) % 12) + 1) },
  '-I': { ...oneOrTwo('hour12', 'hour, 1 to 12; with %p'), write: ({ hour }) => String(((hour + 11) % 12) + 1) },
  p: {
    about: 'AM or PM; with %I',
    sets: 'afternoon',
    read: (text, at, into) => {
      const half = ['AM', 'PM'].indexOf(text.slice(at, at + 2).toUpperCase())
      into.afternoon = half
      return half < 0 ? -1 : at + 2
    },
    write: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  },
  M: two('minute', 'minute, 00 to 59'),
  S: two('second', 'second, 00 to 59; 60 is the first second of the next minute'),
  L: {
    about: 'milliseconds, three digits',
    sets: 'ms',
    read: (text, at, into) => digits(text, at, 3, 3, 'ms', into),
    write: ({ ms }) => pad(ms, 3),
  },
  f: {
    about: 'fraction of a second: reads one digit or more, cut off at the millisecond; writes six',
    sets: 'ms',
    read: (text, at, into) => {
      let end = at
      while (isDigit(text.charCodeAt(end))) end++
      into.ms = milliseconds(text, at, end)
      return end === at ? -1 : end
    },
    write: ({ ms }) => `${pad(ms, 3)}000`,
  },
  z: { ...offset(''), about: 'offset from UTC: reads +0200, +02:00, +02 and Z; writes +0200' },
  ':z': { ...offset(':'), about: 'offset from UTC: reads the same; writes +02:00' },
  s: {
    about: 'seconds since 1970',
    sets: 'epoch',
    read: (text, at, into) => {
      const start = text[at] === '-' ? at + 1 : at
      let end = start
      while (end - start < 13 && isDigit(text.charCodeAt(end))) end++
      into.epoch = Number(text.slice(at, end))
      return end === start ? -1 : end
    },
    write: ({ time }) => String(Math.floor(time / 1000)),
  },
}

/** Short for others. */
export const SHORTHANDS: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
  h: '%b',
}

function two(field: 'month' | 'day' | 'hour' | 'hour12' | 'minute' | 'second', about: string): Directive {
  return {
    about,
    sets: field,
    read: (text, at, into) => {
      const number = twoDigits(text, at)
      into[field] = number
      return number < 0 ? -1 : at + 2
    },
    write: (time) => pad(field === 'hour12' ? time.hour : time[field]),
  }
}

function oneOrTwo(field: 'month' | 'day' | 'hour' | 'hour12', about: string): Directive {
  return {
    about,
    sets: field,
    read: (text, at, into) => digits(text, at, 1, 2, field, into),
    write: (time) => String(field === 'hour12' ? time.hour : time[field]),
  }
}

function named(field: 'month' | 'weekday', about: string, list: string, first: number): Directive {
  const names = list.split(' ')
  const byBeginning = new Map(names.map((name, index) => [name.slice(0, 3).toLowerCase(), index]))
  return {
    about,
    sets: field,
    read: (text, at, into) => {
      const index = byBeginning.get(text.slice(at, at + 3).toLowerCase())
      const name = index === undefined ? undefined : names[index]
      if (index === undefined || name === undefined) return -1
      into[field] = index + first
      const end = at + name.length
      return name.length === 3 || text.slice(at, end).toLowerCase() === name.toLowerCase() ? end : -1
    },
    write: (time) => names[(field === 'month' ? time.month : weekdayOf(time.days)) - first] as string,
  }
}

function offset(colon: string): Omit<Directive, 'about'> {
  return {
    sets: 'offset',
    read: (text, at, into) => {
      const found = readOffset(text, at)
      into.offset = found?.offset ?? Number.NaN
      return found?.end ?? -1
    },
    write: (time) => printOffset(time.offset, colon),
  }
}

/** As many digits as there are, up to `most`. */
function digits(text: string, at: number, least: number, most: number, field: keyof Fields, into: Fields): number {
  let end = at
  while (end - at < most && isDigit(text.charCodeAt(end))) end++
  into[field] = Number(text.slice(at, end))
  return end - at < least ? -1 : end
}
