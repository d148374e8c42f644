import type { ErrorObject } from 'ajv/dist/2020.js'
import type { JsonSchema } from '../options.ts'
import { CALENDAR_UNITS, parseDuration } from '../quantities.ts'
import type { Json } from '../record.ts'
import { codecHint } from './component-options.ts'
import type { Finding } from './faults.ts'
import { didYouMean } from './nearest.ts'
import { NAME_PATTERN } from './schema.ts'
import type { Node } from './tree.ts'

type Described = Pick<Finding, 'code' | 'message' | 'hint'>

/** What a rule of a schema says about a value, in the words of the file. */
export function describe(error: ErrorObject, node: Node, schema: JsonSchema): Described {
  const limit = String(error.params.limit)
  switch (error.keyword) {
    case 'type':
      return describeType(node, schema)
    case 'format':
      if (isTooShort(node, schema)) return { code: 'SR_BAD_VALUE', message: 'must be 1ms or longer' }
      return { code: 'SR_BAD_UNIT', ...describeUnit(node, schema) }
    case 'enum':
      return describeEnum(node, schema)
    case 'const':
      return {
        code: 'SR_BAD_VALUE',
        message: `can only be ${schema.const}`,
        hint: 'leave it out where it is not meant',
      }
    case 'pattern':
      return describePattern(node, schema)
    case 'minimum':
      return { code: 'SR_BAD_VALUE', message: `must be ${limit} or more` }
    case 'maximum':
      return { code: 'SR_BAD_VALUE', message: `must be ${limit} or less` }
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return { code: 'SR_BAD_VALUE', message: 'must not be empty' }
    default:
      return { code: 'SR_BAD_VALUE', message: `is not valid (${error.keyword})` }
  }
}

function describeType(node: Node, schema: JsonSchema): Described {
  const isQuantity = Object.hasOwn(QUANTITIES, String(schema.format))
  if (isQuantity && node.kind === 'scalar' && typeof node.value === 'number') {
    return { code: 'SR_BAD_UNIT', ...describeUnit(node, schema) }
  }
  const message = `must be ${wanted(schema)}, not ${shown(node, schema)}`
  return { code: 'SR_WRONG_TYPE', message, hint: quoteHint(node, schema) ?? unquoteHint(node, schema) }
}

function isTooShort(node: Node, schema: JsonSchema): boolean {
  const isText = node.kind === 'scalar' && typeof node.value === 'string'
  const isPositive = schema.format === 'positive-duration' || schema.format === 'period'
  return isPositive && isText && parseDuration(node.value as string) < 1
}

const DURATION = { name: 'a duration', hint: 'a number and ms, s, m, h or d, such as 10s' }
const QUANTITIES: Readonly<Record<string, { name: string; hint: string }>> = {
  duration: DURATION,
  'positive-duration': DURATION,
  period: {
    name: 'a duration, and no unit of the calendar',
    hint: `${DURATION.hint}, or ${CALENDAR_UNITS.map((unit) => `1 ${unit}`).join(', ')}`,
  },
  size: { name: 'a size', hint: 'a number and B, KiB, MiB, GiB, TiB or kB, MB, GB, TB, such as 64MiB' },
}

function describeUnit(node: Node, schema: JsonSchema): { message: string; hint: string } {
  const { name, hint } = QUANTITIES[String(schema.format)] ?? { name: 'valid', hint: '' }
  const isBare = node.kind === 'scalar' && typeof node.value === 'number'
  return { message: isBare ? `${node.written} has no unit` : `${shown(node, schema)} is not ${name}`, hint }
}

function describeEnum(node: Node, schema: JsonSchema): Described {
  const words = (schema.enum as readonly Json[]).map(String)
  const written = node.kind === 'scalar' ? String(node.value) : undefined
  const hint = written === undefined ? undefined : (codecHint(written, words) ?? didYouMean(written, words))
  return { code: 'SR_BAD_VALUE', message: `${shown(node, schema)} is not one of ${words.join(', ')}`, hint }
}

function describePattern(node: Node, schema: JsonSchema): Described {
  if (schema.pattern !== NAME_PATTERN) {
    return { code: 'SR_BAD_VALUE', message: `${shown(node, schema)} does not match ${schema.pattern}` }
  }
  return { code: 'SR_BAD_NAME', message: badName(shown(node, schema)) }
}

/** What is wrong with a name that is written like this. */
export function badName(written: string): string {
  return `${written} is no name: lower-case letters, digits and dashes, a letter first`
}

function wanted(schema: JsonSchema): string {
  const quantity = QUANTITIES[String(schema.format)]
  if (quantity !== undefined) return quantity.name
  if (schema.format === 'jsonata') return 'an expression'
  if (schema.format === 'template') return 'a template'
  return [schema.type]
    .flat()
    .map((type) => TYPES[String(type)] ?? String(type))
    .join(' or ')
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
}

/** What stands in the file, never what came in through a placeholder, and nothing of a secret. */
function shown(node: Node, schema: JsonSchema): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  if (node.value === null) return 'empty'
  if (schema.writeOnly === true) return typeof node.value === 'string' ? 'the value' : `a ${typeof node.value}`
  if (typeof node.value !== 'string') return `${typeof node.value} ${node.written}`
  return node.value.length > 40 ? `"${node.value.slice(0, 40)}…"` : `"${node.value}"`
}

/** Text that YAML reads as something else needs quotes. */
function quoteHint(node: Node, schema: JsonSchema): string | undefined {
  if (![schema.type].flat().includes('string')) return undefined
  if (node.kind === 'map' || node.kind === 'list') return 'quote it if it is text'
  if (node.value === null) return undefined
  return schema.writeOnly === true ? 'quote it' : `quote it: "${node.written}"`
}

/** A number or a word in quotes is text. */
function unquoteHint(node: Node, schema: JsonSchema): string | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || schema.writeOnly === true) return undefined
  const { value } = node
  const types = [schema.type].flat()
  const isBoolean = types.includes('boolean') && /^(?:true|false)$/.test(value)
  const isNumber = types.some((type) => type === 'number' || type === 'integer') && /^-?\d+(?:\.\d+)?$/.test(value)
  return isBoolean || isNumber ? `leave out the quotes: ${value}` : undefined
}
