/** The functions of texts that look for a text or a regular expression. */

import { invoke } from './apply.ts'
import { fail } from './failure.ts'
import { textOfArguments } from './function-texts.ts'
import type { Guard } from './guard.ts'
import { type DirectRegex, directRegex, type Match } from './regex.ts'
import { isFunction, sequenceOf } from './values.ts'

export function contains(text: string | undefined, token: unknown): boolean | undefined {
  if (text === undefined || token === undefined) return undefined
  if (typeof token === 'string') return text.includes(token)
  const direct = directRegex(token)
  return direct === undefined ? firstMatch(token, text) !== undefined : direct.first(text) !== null
}

export function match(text: string | undefined, regex: unknown, limit: number | undefined, guard: Guard): unknown {
  if (text === undefined) return undefined
  if (limit !== undefined && limit < 0) fail('D3040', { value: limit, index: 3 })
  const direct = directRegex(regex)
  if (direct !== undefined) return directMatches(text, direct, limit, guard)
  const result: unknown[] = []
  for (const { match, start, groups } of matchesOf(text, regex, limit)) {
    result.push({ match, index: start, groups })
    guard.checkLength(result.length)
  }
  return sequenceOf(result)
}

function directMatches(text: string, regex: DirectRegex, limit: number | undefined, guard: Guard): unknown {
  const result: unknown[] = []
  if (limit !== undefined && !(limit > 0)) return sequenceOf(result)
  for (let found = regex.first(text); found !== null; found = regex.next(text)) {
    if (limit !== undefined && result.length >= limit) break
    result.push({ match: found[0], index: found.index, groups: found.slice(1) })
    guard.checkLength(result.length)
  }
  return sequenceOf(result)
}

export function split(text: string | undefined, separator: unknown, limit?: number): string[] | undefined {
  if (text === undefined) return undefined
  if (limit !== undefined && limit < 0) fail('D3020', { value: limit, index: 3 })
  if (limit !== undefined && !(limit > 0)) return []
  if (typeof separator === 'string') return text.split(separator, limit)
  return splitAt(text, separator, limit)
}

function splitAt(text: string, separator: unknown, limit: number | undefined): string[] {
  const direct = directRegex(separator)
  if (direct !== undefined) return splitDirect(text, direct, limit)
  const parts: string[] = []
  let start = 0
  let some = false
  for (const found of matchesOf(text, separator, limit)) {
    some = true
    parts.push(text.substring(start, found.start))
    start = found.end
  }
  if (!some) return [text]
  if (limit === undefined || parts.length < limit) parts.push(text.substring(start))
  return parts
}

function splitDirect(text: string, regex: DirectRegex, limit: number | undefined): string[] {
  const parts: string[] = []
  let start = 0
  for (let found = regex.first(text); found !== null; found = regex.next(text)) {
    if (limit !== undefined && parts.length >= limit) break
    parts.push(text.substring(start, found.index))
    start = found.index + found[0].length
  }
  if (limit === undefined || parts.length < limit) parts.push(text.substring(start))
  return parts
}

export function replace(
  text: string | undefined,
  pattern: unknown,
  replacement: unknown,
  limit?: number,
): string | undefined {
  if (text === undefined) return undefined
  if (pattern === '') fail('D3010', { value: pattern, index: 2 })
  if (limit !== undefined && limit < 0) fail('D3011', { value: limit, index: 4 })
  if (limit !== undefined && !(limit > 0)) return text
  if (typeof pattern === 'string') return replaceText(text, pattern, replacement, limit)
  return replaceMatches(text, pattern, replacement, limit)
}

function replaceText(text: string, pattern: string, replacement: unknown, limit = Number.POSITIVE_INFINITY): string {
  let result = ''
  let position = 0
  let index = text.indexOf(pattern)
  for (let count = 0; index !== -1 && count < limit; count++) {
    result += text.substring(position, index)
    result += typeof replacement === 'function' ? textOfArguments() : replacement
    position = index + pattern.length
    index = text.indexOf(pattern, position)
  }
  return result + text.substring(position)
}

function replaceMatches(text: string, pattern: unknown, replacement: unknown, limit: number | undefined): string {
  const direct = directRegex(pattern)
  if (direct !== undefined && typeof replacement === 'string') return replaceDirect(text, direct, replacement, limit)
  let result = ''
  let position = 0
  let some = false
  for (const found of matchesOf(text, pattern, limit)) {
    some = true
    result += text.substring(position, found.start)
    const replaced = typeof replacement === 'string' ? substituted(replacement, found) : invoke(replacement, [found])
    if (typeof replaced !== 'string') fail('D3012', { value: replaced })
    result += replaced
    position = found.start + found.match.length
  }
  // Without a match it need not even be a text: a partial application checks no types.
  return some ? result + text.substring(position) : text
}

function replaceDirect(
  text: string,
  regex: DirectRegex,
  replacement: string,
  limit = Number.POSITIVE_INFINITY,
): string {
  const isPlain = !replacement.includes('$')
  let result = ''
  let position = 0
  let count = 0
  for (let found = regex.first(text); found !== null && count < limit; found = regex.next(text)) {
    const [match] = found
    result += text.substring(position, found.index)
    result += isPlain ? replacement : substituted(replacement, { match, groups: found.slice(1) })
    position = found.index + match.length
    count++
  }
  return result + text.substring(position)
}

/** `$1` and the like in the text of a replacement. */
function substituted(replacement: string, found: Pick<Match, 'match' | 'groups'>): string {
  if (!replacement.includes('$')) return replacement
  const { groups } = found
  let result = ''
  let position = 0
  let index = replacement.indexOf('$')
  while (index !== -1 && position < replacement.length) {
    result += replacement.substring(position, index)
    position = index + 1
    const sign = replacement.charAt(position)
    if (sign === '$' || sign === '0') {
      result += sign === '$' ? '$' : found.match
      position++
    } else {
      const number = groupNumber(replacement, position, groups.length)
      if (Number.isNaN(number)) result += '$'
      else {
        const part = groups.length > 0 ? groups[number - 1] : undefined
        if (part !== undefined) result += part
        position += String(number).length
      }
    }
    index = replacement.indexOf('$', position)
  }
  return result + replacement.substring(position)
}

/** As many digits as there can be groups. */
function groupNumber(replacement: string, position: number, groups: number): number {
  const digits = groups === 0 ? 1 : Math.floor(Math.log(groups) * Math.LOG10E) + 1
  const number = Number.parseInt(replacement.substring(position, position + digits), 10)
  if (digits > 1 && number > groups) return Number.parseInt(replacement.substring(position, position + digits - 1), 10)
  return number
}

/** The next match is looked for after each one, also after the last that counts. */
function* matchesOf(text: string, regex: unknown, limit: number | undefined): Generator<Match> {
  if (limit !== undefined && !(limit > 0)) return
  let count = 0
  let found = firstMatch(regex, text)
  while (found !== undefined && (limit === undefined || count < limit)) {
    yield found as Match
    count++
    found = checkedMatch(invoke((found as Match).next, [undefined]))
  }
}

function firstMatch(regex: unknown, text: string): unknown {
  return checkedMatch(invoke(regex, [text]))
}

function checkedMatch(found: unknown): unknown {
  if (!found) return found
  const { start, end, groups, next } = found as Partial<Record<keyof Match, unknown>>
  if (typeof start === 'number' || end === 'number' || Array.isArray(groups) || isFunction(next)) return found
  return fail('T1010')
}
