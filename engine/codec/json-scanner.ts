import type { FieldPlaces } from '../fields.ts'

/**
 * Tells whether bytes are exactly one JSON value (RFC 8259) with white space around it, without making anything of
 * them. It agrees with `JSON.parse` on valid UTF-8, which the caller checks, but for values that are nested too deeply.
 *
 * Every byte of every record comes through here: the loops are plain, faults are negative numbers, and the way through
 * without a fault allocates nothing. With `places`, where the fields at the top stand is noted on the way.
 */
export class JsonScanner {
  /** Where the last `scan` that found a fault stopped: an index into its data, its `end` when something is missing. */
  faultAt = 0
  /** The fault is that something opens at `faultAt` inside of `MAX_DEPTH` others. */
  tooDeep = false
  /** What closes each open container, by its depth from 1. */
  readonly #closers = new Uint8Array(MAX_DEPTH + 1)
  /** Undefined where nobody wants any. */
  #places: FieldPlaces | undefined

  /** `blank` is white space and nothing else. */
  scan(data: Uint8Array, start: number, end: number, places?: FieldPlaces): 'value' | 'blank' | 'fault' {
    const first = skipSpace(data, start, end)
    if (first === end) return 'blank'
    this.tooDeep = false
    this.#places = places
    if (places !== undefined && data[first] !== OPEN_OBJECT) places.giveUp()
    const after = this.#skipValue(data, first, end)
    const rest = after < 0 ? after : skipSpace(data, after, end)
    if (rest === end) return 'value'
    this.faultAt = rest < 0 ? faultAt(rest) : rest
    return 'fault'
  }

  /** The index behind the value that begins at `start`, or a fault. Each turn takes one value, behind its key. */
  #skipValue(data: Uint8Array, start: number, end: number): number {
    const closers = this.#closers
    const places = this.#places
    let depth = 0
    let closer = 0
    let at = start
    for (;;) {
      if (closer === CLOSE_OBJECT) {
        at = depth === 1 && places !== undefined ? noteKey(data, at, end, places) : skipKey(data, at, end)
      }
      if (at < 0) return at
      const byte = at < end ? (data[at] as number) : END
      if (byte === QUOTE) at = skipString(data, at, end)
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        if (depth === MAX_DEPTH) return this.#refuseDepth(at)
        closer = byte + OPEN_TO_CLOSE
        closers[++depth] = closer
        at = skipSpace(data, at + 1, end)
        if (at === end || data[at] !== closer) continue
      } else at = skipScalar(data, at, end)

      // A value has ended, or an empty container is about to: close what ends here, up to the next comma.
      for (;;) {
        if (at < 0 || depth === 0) return at
        at = skipSpace(data, at, end)
        if (at === end || data[at] !== closer) break
        closer = closers[--depth] as number
        at++
      }
      if (at === end || data[at] !== COMMA) return fault(at)
      at = skipSpace(data, at + 1, end)
    }
  }

  #refuseDepth(at: number): number {
    this.tooDeep = true
    return fault(at)
  }
}

/** Deeper values are legal JSON, and a way to exhaust the stack of whatever walks them (CF-11). */
export const MAX_DEPTH = 1000

const END = -1
const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const DOT = 0x2e
const ZERO = 0x30
const COLON = 0x3a
const OPEN_LIST = 0x5b
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
/** From `{` to `}` and from `[` to `]`. */
const OPEN_TO_CLOSE = 2
const LETTER_U = 0x75

/** 1 for what may stand in a string as it is: all but control characters, quote and backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)
/** 1 for what may follow a backslash alone. */
const ESCAPE = tableOf('"\\/bfnrt')
const SPACES = tableOf(' \t\r\n')
const DIGITS = tableOf('0123456789')
const HEX = tableOf('0123456789abcdefABCDEF')
const STARTS_NUMBER = tableOf('-0123456789')
const WORDS = ['true', 'false', 'null'].map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0)))

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}

/** A fault at an index, told from an index by its sign. */
function fault(at: number): number {
  return -1 - at
}

function faultAt(fault: number): number {
  return -1 - fault
}

function skipSpace(data: Uint8Array, start: number, end: number): number {
  let at = start
  // Most often there is none: one look at the byte does.
  while (at < end && (data[at] as number) <= SPACE && SPACES[data[at] as number] === 1) at++
  return at
}

/** From the key of a member to where its value must begin. */
function skipKey(data: Uint8Array, start: number, end: number): number {
  if (start === end || data[start] !== QUOTE) return fault(start)
  return skipColon(data, skipString(data, start, end), end)
}

/** The same for a key at the top. */
function noteKey(data: Uint8Array, start: number, end: number, places: FieldPlaces): number {
  const foreseen = places.foresee(data, start, end)
  if (foreseen !== 0) return foreseen
  if (start === end || data[start] !== QUOTE) return fault(start)
  const nameEnd = skipPlain(data, start + 1, end)
  const isPlain = nameEnd < end && data[nameEnd] === QUOTE
  const value = skipColon(data, isPlain ? nameEnd + 1 : skipEscaped(data, nameEnd, end), end)
  if (value < 0) return value
  if (isPlain) places.note(data, start, nameEnd, value)
  else places.giveUp()
  return value
}

/** From behind a key to where its value must begin. */
function skipColon(data: Uint8Array, start: number, end: number): number {
  if (start < 0) return start
  const at = skipSpace(data, start, end)
  return at < end && data[at] === COLON ? skipSpace(data, at + 1, end) : fault(at)
}

/** `start` is at the quote. */
function skipString(data: Uint8Array, start: number, end: number): number {
  const at = skipPlain(data, start + 1, end)
  return at < end && data[at] === QUOTE ? at + 1 : skipEscaped(data, at, end)
}

/** Behind the plain bytes of a string. Four at a time: every byte of every text comes through here. */
function skipPlain(data: Uint8Array, start: number, end: number): number {
  let at = start
  for (; at + 3 < end; at += 4) {
    if (PLAIN[data[at] as number] !== 1) return at
    if (PLAIN[data[at + 1] as number] !== 1) return at + 1
    if (PLAIN[data[at + 2] as number] !== 1) return at + 2
    if (PLAIN[data[at + 3] as number] !== 1) return at + 3
  }
  while (at < end && PLAIN[data[at] as number] === 1) at++
  return at
}

/** The rest of a string from its first byte that is neither plain nor the closing quote. */
function skipEscaped(data: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && data[at] === BACKSLASH) {
    at = skipEscape(data, at + 1, end)
    if (at < 0) return at
    at = skipPlain(data, at, end)
  }
  return at < end && data[at] === QUOTE ? at + 1 : fault(at)
}

/** `start` is behind the backslash. */
function skipEscape(data: Uint8Array, start: number, end: number): number {
  if (start === end) return fault(end)
  const byte = data[start] as number
  if (byte !== LETTER_U) return ESCAPE[byte] === 1 ? start + 1 : fault(start)
  for (let at = start + 1; at < start + 5; at++) {
    if (at === end || HEX[data[at] as number] !== 1) return fault(at)
  }
  return start + 5
}

/** A number or a word. */
function skipScalar(data: Uint8Array, start: number, end: number): number {
  const isNumber = start < end && STARTS_NUMBER[data[start] as number] === 1
  return isNumber ? skipNumber(data, start, end) : skipWord(data, start, end)
}

function skipWord(data: Uint8Array, start: number, end: number): number {
  const word = start === end ? undefined : WORDS.find(([first]) => first === data[start])
  if (word === undefined) return fault(start)
  for (let index = 1; index < word.length; index++) {
    const at = start + index
    if (at === end || data[at] !== word[index]) return fault(at)
  }
  return start + word.length
}

/** `start` is at a minus sign or a digit. */
function skipNumber(data: Uint8Array, start: number, end: number): number {
  let at = data[start] === MINUS ? start + 1 : start
  at = at < end && data[at] === ZERO ? at + 1 : skipDigits(data, at, end)
  if (at < 0 || at === end) return at
  if (data[at] === DOT) {
    at = skipDigits(data, at + 1, end)
    if (at < 0 || at === end) return at
  }
  return ((data[at] as number) | 0x20) === 0x65 ? skipExponent(data, at + 1, end) : at
}

/** `start` is behind the `e`. */
function skipExponent(data: Uint8Array, start: number, end: number): number {
  const isSigned = start < end && (data[start] === 0x2b || data[start] === MINUS)
  return skipDigits(data, isSigned ? start + 1 : start, end)
}

/** At least one digit must be there. */
function skipDigits(data: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && DIGITS[data[at] as number] === 1) at++
  return at === start ? fault(at) : at
}
