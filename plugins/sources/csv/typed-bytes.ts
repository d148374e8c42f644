import type { TypeOfValues } from './types.ts'

/**
 * Where the JSON text of a typed field ends that stands at the beginning of the field `data[start .. end]`: what
 * `JSON.stringify` makes of the value that `READ_TYPED` reads. -1 where the bytes alone do not tell: the field is to be
 * read. So it is with most ways to write a value that JSON writes otherwise, but not with zeros that end a fraction.
 */
export function jsonEnd(type: TypeOfValues, data: Uint8Array, start: number, end: number): number {
  if (type === 'boolean') return isWord(TRUE, data, start, end) || isWord(FALSE, data, start, end) ? end : -1
  const first = data[start] === MINUS ? start + 1 : start
  // Any so many digits are what a double with these digits is written as, and all of them are whole numbers.
  if (end - first > MOST_DIGITS) return -1
  let at = first
  while (at < end && isDigit(data[at] as number)) at++
  const isZero = data[first] === ZERO
  if (at === first || (isZero && at > first + 1)) return -1
  if (at === end) return isZero && first > start ? -1 : end
  return type === 'number' && data[at] === DOT ? fractionEnd(data, start, at, end, isZero) : -1
}

function fractionEnd(data: Uint8Array, start: number, dot: number, end: number, isZero: boolean): number {
  let last = dot
  for (let at = dot + 1; at < end; at++) {
    const byte = data[at] as number
    if (!isDigit(byte)) return -1
    if (byte === ZERO) continue
    // Below 1e-6, JSON writes an exponent.
    if (isZero && last === dot && at > dot + MOST_PLACES) return -1
    last = at
  }
  if (last > dot) return last + 1
  return isZero && data[start] === MINUS ? -1 : dot
}

function isWord(word: Uint8Array, data: Uint8Array, start: number, end: number): boolean {
  if (end - start !== word.length) return false
  for (let index = 0; index < word.length; index++) if (data[start + index] !== word[index]) return false
  return true
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}

const MOST_DIGITS = 15
const MOST_PLACES = 6
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const TRUE = Buffer.from('true')
const FALSE = Buffer.from('false')
