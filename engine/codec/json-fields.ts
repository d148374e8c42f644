import type { FieldPlaces, FieldReader } from '../fields.ts'
import type { Json } from '../record.ts'
import { SharedTexts } from './shared-texts.ts'

/**
 * Finds fields of objects that are valid JSON, and makes single values of them: what is not asked for is passed over and
 * never made.
 */
export function jsonFields(): FieldReader {
  const texts = new SharedTexts()
  return {
    find: findFields,
    make: (data, start, end) => makeValue(data, start, end, texts),
    isObject: (data, start) => data[skipSpace(data, start)] === OPEN_OBJECT,
  }
}

function findFields(data: Buffer, start: number, end: number, places: FieldPlaces): void {
  let at = skipSpace(data, start)
  if (data[at] !== OPEN_OBJECT) {
    places.giveUp()
    return
  }
  at = skipSpace(data, at + 1)
  while (at < end && data[at] === QUOTE) {
    const name = at + 1
    const nameEnd = plainStringEnd(data, name, end)
    if (nameEnd === -1) {
      places.giveUp()
      return
    }
    // Behind the name stands the colon, with white space around it.
    const value = skipSpace(data, skipSpace(data, nameEnd + 1) + 1)
    places.note(data, name, nameEnd, value)
    at = skipSpace(data, skipValue(data, value, end))
    if (data[at] === COMMA) at = skipSpace(data, at + 1)
  }
}

/** Where the closing quote stands; -1 when an escape comes before it. */
function plainStringEnd(data: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const byte = data[at] as number
    if (byte === QUOTE) return at
    if (byte === BACKSLASH) return -1
  }
  return -1
}

/** The index behind the value that begins at `start`. */
function skipValue(data: Buffer, start: number, end: number): number {
  const first = data[start]
  if (first === QUOTE) return skipString(data, start, end)
  if (first === OPEN_OBJECT || first === OPEN_LIST) return skipContainer(data, start, end)
  let at = start + 1
  while (at < end && !endsScalar(data[at] as number)) at += 1
  return at
}

/** Brackets of both kinds count alike: in a valid value they close what they should. */
function skipContainer(data: Buffer, start: number, end: number): number {
  let depth = 1
  for (let at = start + 1; at < end; at++) {
    const byte = data[at]
    if (byte === QUOTE) at = skipString(data, at, end) - 1
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return end
}

function skipString(data: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = data[at]
    if (byte === QUOTE) return at + 1
    if (byte === BACKSLASH) at += 1
  }
  return end
}

function endsScalar(byte: number): boolean {
  return byte === COMMA || byte === CLOSE_OBJECT || byte <= SPACE
}

function makeValue(data: Buffer, start: number, end: number, texts: SharedTexts): Json {
  const first = data[start] as number
  if (first === QUOTE) return makeText(data, start, end, texts)
  if (first === MINUS || (first >= ZERO && first <= NINE)) return makeNumber(data, start, end)
  if (first === LETTER_T) return true
  if (first === LETTER_F) return false
  return first === LETTER_N ? null : parsed(data, start, end)
}

/** A short text is shared with those that came before; a text of its own, not a part of a longer one, which would be held with it. */
function makeText(data: Buffer, start: number, end: number, texts: SharedTexts): string {
  const from = start + 1
  const last = Math.min(end, from + LONGEST_SHARED)
  let hash = 0
  let at = from
  for (; at < last; at++) {
    const byte = data[at] as number
    if (byte === QUOTE) return texts.of(data, from, at, hash)
    if (byte === BACKSLASH) return parsed(data, start, end) as string
    if (byte > 0x7f) break
    hash = (Math.imul(hash, 31) + byte) | 0
  }
  const textEnd = plainStringEnd(data, at, end)
  return textEnd === -1 ? (parsed(data, start, end) as string) : data.toString('utf8', from, textEnd)
}

const LONGEST_SHARED = 20

/**
 * Digits that make a whole number below 2^53, divided by a power of ten that is exact: one division, rounded once, which
 * is the nearest double (W. D. Clinger, "How to read floating point numbers accurately", 1990). Others are parsed.
 */
function makeNumber(data: Buffer, start: number, end: number): number {
  const isNegative = data[start] === MINUS
  const from = isNegative ? start + 1 : start
  const last = Math.min(end, from + MOST_DIGITS + 1)
  let digits = 0
  let point = -1
  let at = from
  for (; at < last; at++) {
    const byte = data[at] as number
    if (byte >= ZERO && byte <= NINE) digits = digits * 10 + (byte - ZERO)
    else if (byte === POINT) point = at + 1
    else if (endsScalar(byte)) break
    else return parsed(data, start, end) as number
  }
  if (at - from > MOST_DIGITS) return parsed(data, start, end) as number
  const size = point === -1 ? digits : digits / (POWERS[at - point] as number)
  return isNegative ? -size : size
}

/** With the point among them: whole numbers of so many digits are exact. */
const MOST_DIGITS = 15
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`))

function parsed(data: Buffer, start: number, end: number): Json {
  return JSON.parse(data.toString('utf8', start, skipValue(data, start, end))) as Json
}

function skipSpace(data: Buffer, start: number): number {
  let at = start
  while ((data[at] as number) <= SPACE) at += 1
  return at
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const LETTER_F = 0x66
const LETTER_N = 0x6e
const LETTER_T = 0x74
const SPACE = 0x20
