/** The functions of texts that everybody uses. */

import { fail, placed } from './failure.ts'
import { isFunction, isNumeric, type Sequence } from './values.ts'

export function string(value: unknown, prettify: unknown = false): string | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined
    case 'string':
      return value
    case 'boolean':
      return value ? 'true' : 'false'
    case 'number':
      return numberText(value)
    default:
      return isFunction(value) ? '' : jsonText(value, prettify)
  }
}

function numberText(value: number): string {
  if (Number.isInteger(value)) return String(value)
  if (!Number.isFinite(value)) fail('D3001', { value })
  return String(Number(value.toPrecision(15)))
}

function jsonText(value: unknown, prettify: unknown): string {
  const wrapped = value as Sequence
  const shown = Array.isArray(value) && wrapped.outerWrapper ? wrapped[0] : value
  return JSON.stringify(shown, jsonPart, prettify ? 2 : 0)
}

function jsonPart(_name: string, value: unknown): unknown {
  if (typeof value === 'string') return value
  if (isNumeric(value)) return Number.isInteger(value) ? value : Number(value.toPrecision(15))
  return isFunction(value) ? '' : value
}

/** `&`; a list that a transform has marked as the wrapper of an input, but that is empty, has no text, as in the package. */
export function concat(left: unknown, right: unknown, position: number): string {
  try {
    const start = left === undefined ? '' : (string(left) as string)
    const end = right === undefined ? '' : (string(right) as string)
    return start.concat(end)
  } catch (thrown) {
    throw placed(thrown, '&', position)
  }
}

/** Number of code points. */
export function length(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  let count = 0
  for (const _ of text) count++
  return count
}

/** As written where every character is one code unit. */
export function substring(text: string | undefined, start: number, count?: number): string | undefined {
  if (text === undefined) return undefined
  const characters = ONE_UNIT_EACH.test(text) ? text : Array.from(text)
  const from = characters.length + start < 0 ? 0 : start
  if (count !== undefined && count <= 0) return ''
  const base = from >= 0 ? from : characters.length + from
  const part = count === undefined ? characters.slice(from) : characters.slice(from, base + count)
  return typeof part === 'string' ? part : part.join('')
}

const ONE_UNIT_EACH = /^[^\ud800-\udfff]*$/
