import type { Json } from '../record.ts'
import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth, inRange, isLeapYear, weekdayOf } from './civil.ts'
import { wholeMinutes } from './digits.ts'
import { DIRECTIVES, type Directive, type Fields, SHORTHANDS, type Written } from './directives.ts'
import type { Zone } from './zone.ts'

/** A pattern that cannot be understood. */
export class PatternError extends Error {
  /** Offset of the fault in the pattern. */
  readonly position: number

  constructor(position: number, message: string) {
    super(message)
    this.name = 'PatternError'
    this.position = position
  }
}

export interface Pattern {
  /** Why no time can be read with it; undefined where it can. */
  readonly unreadable: string | undefined
  parse(value: Json): number | undefined
  print(time: number): string
}

/** Throws `PatternError`. */
export function compilePattern(pattern: string, zone: Zone): Pattern {
  const parts = readParts(pattern)
  const directives = parts.filter((part) => typeof part !== 'string')
  const sets = new Set(directives.map((directive) => directive.sets))
  const unreadable = whyUnreadable(sets, directives.length)
  const writesOffset = sets.has('offset')
  const fields = { ...NOTHING_READ }
  return {
    unreadable,
    parse: (value) => {
      // A count of digits such as 20240331 is a JSON number in some logs.
      const text = Number.isSafeInteger(value) ? String(value) : value
      if (unreadable !== undefined || typeof text !== 'string') return undefined
      Object.assign(fields, NOTHING_READ)
      return readAll(text, parts, fields) ? inRange(timeOf(fields, sets, zone)) : undefined
    },
    print: (time) => {
      const written = writtenAt(Math.floor(time), zone, writesOffset)
      return parts.map((part) => (typeof part === 'string' ? part : part.write(written))).join('')
    },
  }
}

/** What holds where the pattern does not name it. */
const NOTHING_READ: Readonly<Fields> = {
  year: 0,
  month: 0,
  day: 0,
  dayOfYear: 0,
  weekday: 0,
  hour: 0,
  hour12: 0,
  afternoon: 0,
  minute: 0,
  second: 0,
  ms: 0,
  offset: 0,
  epoch: 0,
}

function readParts(pattern: string): readonly (string | Directive)[] {
  const parts: (string | Directive)[] = []
  for (let at = 0; at < pattern.length; ) {
    const end = pattern.indexOf('%', at)
    const text = pattern.slice(at, end < 0 ? undefined : end)
    if (text !== '') parts.push(text)
    if (end < 0) break
    const name = /^[-:]?./su.exec(pattern.slice(end + 1))?.[0] ?? ''
    parts.push(...partsOf(name, end))
    at = end + 1 + name.length
  }
  return parts
}

function partsOf(name: string, position: number): readonly (string | Directive)[] {
  if (name === '%') return ['%']
  if (Object.hasOwn(SHORTHANDS, name)) return readParts(SHORTHANDS[name] as string)
  if (Object.hasOwn(DIRECTIVES, name)) return [DIRECTIVES[name] as Directive]
  if (name === 'Z')
    throw new PatternError(position, 'there is no %Z: names such as CST have no one meaning; give a zone')
  const known = [...Object.keys(DIRECTIVES), ...Object.keys(SHORTHANDS)].map((one) => `%${one}`).join(' ')
  throw new PatternError(position, `there is no %${name}: write %% for a percent sign, or one of ${known}`)
}

function whyUnreadable(sets: ReadonlySet<keyof Fields>, directives: number): string | undefined {
  if (sets.size < directives) return 'it names a part of the time twice'
  if (sets.has('epoch')) return [...sets].every((one) => one === 'epoch' || one === 'ms') ? undefined : EPOCH_AND_MORE
  if (!sets.has('year')) return 'it names no year'
  if (sets.has('dayOfYear') && (sets.has('month') || sets.has('day'))) return 'it names the day twice'
  if (!sets.has('dayOfYear') && !(sets.has('month') && sets.has('day'))) return 'it names no day'
  if (sets.has('hour') && (sets.has('hour12') || sets.has('afternoon'))) return 'it names the hour twice'
  if (sets.has('hour12') !== sets.has('afternoon')) return '%I and %p belong together'
  return undefined
}

const EPOCH_AND_MORE = 'beside %s it names other parts of the time'

function readAll(text: string, parts: readonly (string | Directive)[], fields: Fields): boolean {
  let at = 0
  for (const part of parts) {
    if (typeof part !== 'string') at = part.read(text, at, fields)
    else at = text.startsWith(part, at) ? at + part.length : -1
    if (at < 0) return false
  }
  return at === text.length
}

function timeOf(fields: Fields, sets: ReadonlySet<keyof Fields>, zone: Zone): number | undefined {
  const { minute, second, ms } = fields
  if (sets.has('epoch')) return fields.epoch * 1000 + ms
  const days = sets.has('dayOfYear') ? dayInYear(fields) : dayInMonth(fields)
  const hour = sets.has('hour12') ? hourOfHalf(fields) : fields.hour
  if (days === undefined || hour > 23 || minute > 59 || second > 60) return undefined
  if (sets.has('weekday') && fields.weekday !== weekdayOf(days)) return undefined
  const local = days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + ms
  return sets.has('offset') ? local - fields.offset : zone.toTime(local)
}

function dayInYear({ year, dayOfYear }: Fields): number | undefined {
  const exists = dayOfYear >= 1 && dayOfYear <= (isLeapYear(year) ? 366 : 365)
  return exists ? daysFromCivil(year, 1, 1) + dayOfYear - 1 : undefined
}

function dayInMonth({ year, month, day }: Fields): number | undefined {
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
  return exists ? daysFromCivil(year, month, day) : undefined
}

/** Out of the day where a clock with twelve hours shows no such hour. */
function hourOfHalf({ hour12, afternoon }: Fields): number {
  return hour12 < 1 || hour12 > 12 ? 24 : (hour12 % 12) + afternoon * 12
}

function writtenAt(time: number, zone: Zone, writesOffset: boolean): Written {
  const exact = zone.offsetAt(time)
  const offset = writesOffset ? wholeMinutes(exact) : exact
  const local = time + offset
  const days = Math.floor(local / DAY_MS)
  const { year, month, day } = civilFromDays(days)
  const ms = local - days * DAY_MS
  return {
    time,
    days,
    year,
    month,
    day,
    dayOfYear: days - daysFromCivil(year, 1, 1) + 1,
    hour: Math.floor(ms / 3_600_000),
    minute: Math.floor(ms / 60_000) % 60,
    second: Math.floor(ms / 1000) % 60,
    ms: ms % 1000,
    offset,
  }
}
