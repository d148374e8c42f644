import { RecordError } from '../errors.ts'
import { FUNCTION_ERRORS } from './functions/errors.ts'
import { LimitReached } from './limits.ts'
import { NotJson } from './plain.ts'

/**
 * The error of one record, from whatever an evaluation threw. The package's own messages quote values (J-7), so the
 * message is made of what the definition says: the code, what the code means, the place and the expression.
 */
export function evaluationError(expression: string, thrown: unknown, place?: Place): RecordError {
  const { code, token, position: end } = (thrown ?? {}) as Partial<Record<string, unknown>>
  const sign = typeof token === 'string' && expression.includes(token) ? token : undefined
  const position = typeof end === 'number' ? beginning(expression, end, sign) : undefined
  const near = typeof end === 'number' ? ` near character ${end}` : ''
  const at = place === undefined ? near : `, at ${place(position ?? 0)}`
  const kind = isLimit(thrown, code) ? 'SR_EXPRESSION_LIMIT' : 'SR_EXPRESSION_FAILED'
  const message = `${reasonOf(thrown, code, sign)}${at}, in: ${shortened(expression)}`
  return new RecordError(kind, message, { expression, position })
}

/** Where a character of an expression stands: `orders.yaml:12:14`. */
export type Place = (offset: number) => string

/** The package notes where a token ends; for a call that is behind its parenthesis. */
function beginning(expression: string, end: number, sign: string | undefined): number {
  const at = sign === undefined ? -1 : expression.lastIndexOf(sign, end - sign.length)
  return Math.max(0, Math.min(at < 0 ? end - 1 : at, expression.length - 1))
}

const GUARDS: Readonly<Record<string, string>> = {
  D1011: 'it recurses too deeply, or groups too much at once',
  D1012: 'it ran for too long',
  D2014: 'a range is too long',
  D2015: 'a sequence is too long',
}

/** What the commonest codes of jsonata 2.2 mean, without the values in its own messages. */
const MEANINGS: Readonly<Record<string, string>> = {
  ...GUARDS,
  ...FUNCTION_ERRORS,
  D1001: 'a number is out of range',
  D1002: 'a value that is no number cannot be negated',
  D1004: 'a regular expression matches nothing at all and cannot go on',
  D1009: 'two keys of an object are the same',
  D3001: 'a number that is not finite has no text',
  D3030: 'a value cannot be read as a number',
  D3060: 'a negative number has no square root',
  D3061: 'the power is too large for a number',
  D3110: 'a text is not an ISO 8601 time',
  D3137: '$error was called',
  D3138: '$single found more than one match',
  D3139: '$single found no match',
  D3141: '$assert was not met',
  T0410: 'an argument has a type that the function does not take',
  T0411: 'the context value has a type that the function does not take',
  T0412: 'an array argument has items of a type that the function does not take',
  T1003: 'the key of an object is not a text',
  T1005: 'a name is called without its $',
  T1006: 'something is called that is not a function',
  T2001: 'the left side is not a number',
  T2002: 'the right side is not a number',
  T2003: 'the left side of a range is not an integer',
  T2004: 'the right side of a range is not an integer',
  T2006: 'the right side of ~> is not a function',
  T2007: 'values of different types cannot be put in order',
  T2008: 'only numbers and texts can be put in order',
  T2009: 'the two sides are not of the same type',
  T2010: 'only numbers and texts can be compared',
}

function isLimit(thrown: unknown, code: unknown): boolean {
  return thrown instanceof LimitReached || (typeof code === 'string' && Object.hasOwn(GUARDS, code))
}

function reasonOf(thrown: unknown, code: unknown, sign: string | undefined): string {
  if (thrown instanceof LimitReached || thrown instanceof NotJson) return `it ${thrown.reason}`
  const at = sign === undefined ? '' : ` at "${sign}"`
  if (typeof code !== 'string') return `the evaluation broke off${at}`
  return Object.hasOwn(MEANINGS, code) ? `${code}${at}: ${MEANINGS[code]}` : `${code}${at}`
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 200)}...` : line
}
