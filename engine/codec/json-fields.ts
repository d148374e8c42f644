import type { Json } from '../record.ts'

/** Names of fields, prepared for looking them up in bytes. */
export interface FieldNames {
  readonly names: readonly string[]
  readonly bytes: readonly Uint8Array[]
}

/** Undefined where a name would be another thing in a literal object than in parsed JSON. */
export function fieldNames(names: readonly string[]): FieldNames | undefined {
  if (names.includes('__proto__')) return undefined
  return { names, bytes: names.map((name) => Buffer.from(name)) }
}

/**
 * The object in `data[start .. end]`, which is one valid JSON value, with these of its fields alone: what is not asked for
 * is passed over and never made. Of a name that comes twice the last one counts, as in `JSON.parse`. Undefined where it is
 * no object, or has a name with escapes, which only parsing tells apart.
 */
export function parseFields(data: Buffer, start: number, end: number, wanted: FieldNames): Json | undefined {
  let at = skipSpace(data, start)
  if (data[at] !== OPEN_OBJECT) return undefined
  const object: { [name: string]: Json } = {}
  at = skipSpace(data, at + 1)
  while (at < end && data[at] === QUOTE) {
    const name = at + 1
    const nameEnd = plainStringEnd(data, name, end)
    if (nameEnd === -1) return undefined
    // Behind the name stands the colon, with white space around it.
    const value = skipSpace(data, skipSpace(data, nameEnd + 1) + 1)
    const valueEnd = skipValue(data, value, end)
    const found = placeOf(data, name, nameEnd, wanted.bytes)
    if (found !== -1) object[wanted.names[found] as string] = valueAt(data, value, end)
    at = skipSpace(data, valueEnd)
    if (data[at] === COMMA) at = skipSpace(data, at + 1)
  }
  return object
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

/** Which of the names stands in `data[start .. end]`; -1 for none. */
export function placeOf(data: Uint8Array, start: number, end: number, names: readonly Uint8Array[]): number {
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as Uint8Array
    if (name.length !== end - start) continue
    let at = 0
    while (at < name.length && name[at] === data[start + at]) at += 1
    if (at === name.length) return index
  }
  return -1
}

/** The index behind the value that begins at `start`. */
function skipValue(data: Buffer, start: number, end: number): number {
  const first = data[start]
  if (first === QUOTE) return skipString(data, start, end)
  if (first === OPEN_OBJECT || first === OPEN_LIST) return skipContainer(data, start, end)
  let at = start + 1
  while (!endsScalar(data[at])) at += 1
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

function endsScalar(byte: number | undefined): boolean {
  return byte === undefined || byte === COMMA || byte === CLOSE_OBJECT || byte <= SPACE
}

/** The value that begins at `start`, in a valid text that ends at `end`. */
export function valueAt(data: Buffer, start: number, end: number): Json {
  const first = data[start] as number
  if (first === QUOTE) {
    const textEnd = plainStringEnd(data, start + 1, end)
    if (textEnd !== -1) return data.toString('utf8', start + 1, textEnd)
  } else if (first === MINUS || (first >= ZERO && first <= NINE)) {
    const number = shortNumber(data, start)
    if (number !== undefined) return number
  }
  return JSON.parse(data.toString('utf8', start, skipValue(data, start, end))) as Json
}

/**
 * A number of few digits and no exponent, which is one whole number divided by another: both are exact, and so the
 * quotient is the nearest double, as that of `JSON.parse`. Undefined for others.
 */
function shortNumber(data: Buffer, start: number): number | undefined {
  let at = data[start] === MINUS ? start + 1 : start
  const firstDigit = at
  let digits = 0
  let point = -1
  for (; at < firstDigit + MOST_DIGITS; at++) {
    const byte = data[at] as number
    if (byte >= ZERO && byte <= NINE) digits = digits * 10 + (byte - ZERO)
    else if (byte === DOT) point = at
    else if (endsScalar(byte)) {
      const size = point === -1 ? digits : digits / (POWERS[at - point - 1] as number)
      return firstDigit === start ? size : -size
    } else return undefined
  }
  return undefined
}

/** With the point among them: whole numbers of so many digits are exact. */
const MOST_DIGITS = 15
const POWERS = Array.from({ length: MOST_DIGITS }, (_, power) => 10 ** power)

function skipSpace(data: Buffer, start: number): number {
  let at = start
  while ((data[at] as number) <= SPACE) at += 1
  return at
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const SPACE = 0x20
