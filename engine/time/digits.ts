/** The pieces that written times are made of. Readers take the text and a place in it, and copy nothing. */

/** A text, or bytes of ASCII that are looked at as one. */
export interface Characters {
  readonly length: number
  /** NaN beyond its end. */
  charCodeAt(at: number): number
}

/** The offset that stands at `at` up to the end of the digits, and where it ends; undefined for none. */
export function readOffset(text: Characters, at: number): { offset: number; end: number } | undefined {
  const code = text.charCodeAt(at)
  if (code === UPPER_Z || code === LOWER_Z) return { offset: 0, end: at + 1 }
  if (code !== PLUS && code !== DASH) return undefined
  const hours = twoDigits(text, at + 1)
  if (hours < 0 || hours > 23) return undefined
  const colon = text.charCodeAt(at + 3) === COLON ? 1 : 0
  const minutes = twoDigits(text, at + 3 + colon)
  if (minutes > 59 || (minutes < 0 && colon === 1)) return undefined
  const total = hours * 60 + Math.max(0, minutes)
  return { offset: (code === DASH ? -total : total) * 60_000, end: minutes < 0 ? at + 3 : at + 5 + colon }
}

/** -1 where there are not two digits. */
export function twoDigits(text: Characters, at: number): number {
  const tens = text.charCodeAt(at) - ZERO
  const ones = text.charCodeAt(at + 1) - ZERO
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** The first three digits of a fraction; what follows is cut off. */
export function milliseconds(text: Characters, start: number, end: number): number {
  let ms = 0
  for (let at = start; at < start + 3; at++) ms = ms * 10 + (at < end ? text.charCodeAt(at) - ZERO : 0)
  return ms
}

export function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

/** Four digits, or a sign and six. */
export function printYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4)
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`
}

/** `+05:30`, with `colon` between; `offset` is whole minutes, in milliseconds. */
export function printOffset(offset: number, colon: string): string {
  const minutes = Math.abs(offset) / 60_000
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${colon}${pad(minutes % 60)}`
}

/** Local mean times had seconds, which no written offset has: it is rounded, and the time beside it with it. */
export function wholeMinutes(offset: number): number {
  return Math.round(offset / 60_000) * 60_000
}

export function pad(number: number, width = 2): string {
  return String(number).padStart(width, '0')
}

const ZERO = 48
const NINE = 57
const PLUS = 43
const DASH = 45
const COLON = 58
const UPPER_Z = 90
const LOWER_Z = 122
