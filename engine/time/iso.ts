import type { Json } from '../record.ts'
import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth, inRange } from './civil.ts'
import {
  type Characters,
  isDigit,
  milliseconds,
  pad,
  printOffset,
  printYear,
  readOffset,
  twoDigits,
  wholeMinutes,
} from './digits.ts'
import type { Zone } from './zone.ts'

/**
 * Reads ISO 8601 in its extended form: `2024-03-31`, `2024-03-31T02:30`, `...:00`, `....123456`, followed by `Z`,
 * `+02:00`, `+0200`, `+02` or nothing; a space or a small `t` for the `T`, a comma for the point, years beyond 9999 as
 * `+012024`. Unlike `Date.parse`, which takes a date for UTC, a date with time for the machine's zone, and much that is
 * no ISO at all, it takes every text without an offset for a time in `zone`. Digits beyond the millisecond are cut off,
 * which is downwards, before 1970 too; `24:00` is the end of its day, second 60 the first of the next minute.
 */
export function parseIso(value: Json, zone: Zone): number | undefined {
  return typeof value === 'string' ? readIso(value, zone) : undefined
}

/** The same of texts that stand in bytes; undefined where they are not ASCII too. */
export function isoBytesParser(zone: Zone): (data: Buffer, start: number, end: number) => number | undefined {
  const text = new AsciiBytes()
  const usual = new UsualTexts()
  return (data, start, end) => {
    const time = end - start === USUAL_LENGTH ? usual.read(data, start) : undefined
    return time ?? readIso(text.of(data, start, end), zone)
  }
}

/** Texts like `2024-03-31T02:30:00.123Z`, as most programs write them, with one look at each byte. */
class UsualTexts {
  /** The date that was read last, as digits and in milliseconds: mostly the next one is the same. */
  #date = 0
  #dateMs = 0

  /** Undefined where it is another text. */
  read(data: Buffer, at: number): number | undefined {
    if (data[at + 4] !== DASH || data[at + 7] !== DASH || data[at + 10] !== UPPER_T) return undefined
    if (data[at + 13] !== COLON || data[at + 16] !== COLON || data[at + 19] !== POINT) return undefined
    const hour = digitsOf(data, at + 11, 2)
    const minute = digitsOf(data, at + 14, 2)
    const second = digitsOf(data, at + 17, 2)
    const ms = digitsOf(data, at + 20, 3)
    if (data[at + 23] !== UPPER_Z || !(hour >= 0 && hour < 24 && minute >= 0 && minute < 60)) return undefined
    if (!(second >= 0 && second < 60 && ms >= 0) || !this.#readDate(data, at)) return undefined
    return this.#dateMs + ((hour * 60 + minute) * 60 + second) * 1000 + ms
  }

  #readDate(data: Buffer, at: number): boolean {
    const year = digitsOf(data, at, 4)
    const month = digitsOf(data, at + 5, 2)
    const day = digitsOf(data, at + 8, 2)
    if (year < 0 || month < 1 || month > 12 || day < 1) return false
    const date = (year * 100 + month) * 100 + day
    if (date === this.#date) return true
    if (day > daysInMonth(year, month)) return false
    this.#date = date
    this.#dateMs = daysFromCivil(year, month, day) * DAY_MS
    return true
  }
}

/** -1 where there is anything else. */
function digitsOf(data: Buffer, start: number, count: number): number {
  let number = 0
  for (let at = start; at < start + count; at++) {
    const digit = (data[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

/** Looks at one text after the other. */
class AsciiBytes implements Characters {
  length = 0
  #data: Buffer = NO_BYTES
  #start = 0

  of(data: Buffer, start: number, end: number): this {
    this.length = end - start
    this.#data = data
    this.#start = start
    return this
  }

  charCodeAt(at: number): number {
    return at < this.length ? (this.#data[this.#start + at] as number) : Number.NaN
  }
}

const NO_BYTES = Buffer.alloc(0)

function readIso(text: Characters, zone: Zone): number | undefined {
  const yearEnd = yearLength(text)
  const year = yearEnd === 4 ? twoDigits(text, 0) * 100 + twoDigits(text, 2) : longYear(text)
  if (yearEnd === 0 || Object.is(year, -0)) return undefined
  if (text.charCodeAt(yearEnd) !== DASH || text.charCodeAt(yearEnd + 3) !== DASH) return undefined
  const month = twoDigits(text, yearEnd + 1)
  const day = twoDigits(text, yearEnd + 4)
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  const date = daysFromCivil(year, month, day) * DAY_MS
  return inRange(readTime(text, yearEnd + 6, date, zone))
}

/** A sign and six digits. */
function longYear(text: Characters): number {
  const size = twoDigits(text, 1) * 10_000 + twoDigits(text, 3) * 100 + twoDigits(text, 5)
  return text.charCodeAt(0) === DASH ? -size : size
}

/** `2024-03-31T02:30:00.123Z`; in another zone with its offset, `+02:00`. Whole milliseconds below. */
export function printIso(time: number, zone: Zone): string {
  const offset = wholeMinutes(zone.offsetAt(time))
  const local = Math.floor(time) + offset
  const days = Math.floor(local / DAY_MS)
  const { year, month, day } = civilFromDays(days)
  const ms = local - days * DAY_MS
  const clock = `${pad(Math.floor(ms / 3_600_000))}:${pad(Math.floor(ms / 60_000) % 60)}:${pad(Math.floor(ms / 1000) % 60)}`
  const end = zone.name === 'UTC' ? 'Z' : printOffset(offset, ':')
  return `${printYear(year)}-${pad(month)}-${pad(day)}T${clock}.${pad(ms % 1000, 3)}${end}`
}

const USUAL_LENGTH = 24
const ZERO = 48
const DASH = 45
const PLUS = 43
const COLON = 58
const POINT = 46
const COMMA = 44
const SPACE = 32
const UPPER_T = 84
const LOWER_T = 116
const UPPER_Z = 90

/** 4, or 7 with a sign; 0 for no year. */
function yearLength(text: Characters): number {
  const first = text.charCodeAt(0)
  const signed = first === PLUS || first === DASH
  const length = signed ? 7 : 4
  for (let at = signed ? 1 : 0; at < length; at += 2) if (twoDigits(text, at) < 0) return 0
  return length
}

/** What stands behind the date, from `at`. */
function readTime(text: Characters, at: number, date: number, zone: Zone): number | undefined {
  if (at === text.length) return zone.toTime(date)
  const separator = text.charCodeAt(at)
  if (separator !== UPPER_T && separator !== LOWER_T && separator !== SPACE) return undefined
  const hour = twoDigits(text, at + 1)
  const minute = twoDigits(text, at + 4)
  if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || text.charCodeAt(at + 3) !== COLON) return undefined
  const hasSeconds = text.charCodeAt(at + 6) === COLON
  const second = hasSeconds ? twoDigits(text, at + 7) : 0
  if (second < 0 || second > 60) return undefined
  const fractionAt = at + (hasSeconds ? 9 : 6)
  const end = hasSeconds ? fractionEnd(text, fractionAt) : fractionAt
  const ms = end > fractionAt ? milliseconds(text, fractionAt + 1, end) : 0
  if (hour === 24 && (minute > 0 || second > 0 || ms > 0)) return undefined
  const local = date + ((hour * 60 + minute) * 60 + second) * 1000 + ms
  if (end === text.length) return zone.toTime(local)
  if (end + 1 === text.length && text.charCodeAt(end) === UPPER_Z) return local
  const offset = readOffset(text, end)
  return offset?.end === text.length ? local - offset.offset : undefined
}

/** Behind the point and its digits; `at` where there is no fraction. */
function fractionEnd(text: Characters, at: number): number {
  const sign = text.charCodeAt(at)
  if (sign !== POINT && sign !== COMMA) return at
  let end = at + 1
  while (isDigit(text.charCodeAt(end))) end++
  return end === at + 1 ? at : end
}
