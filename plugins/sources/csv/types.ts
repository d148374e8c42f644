import type { Json } from '../../../engine/plugin.ts'

export const COLUMN_TYPES = ['string', 'integer', 'number', 'boolean'] as const
export type ColumnType = (typeof COLUMN_TYPES)[number]
/** Of columns that are not text. */
export type TypeOfValues = Exclude<ColumnType, 'string'>

export interface Column {
  readonly name: string
  readonly type: ColumnType
}

/** Reads the text of a field that is not empty; undefined when it is no value of the type (CS-09). */
export const READ_TYPED: Readonly<Record<TypeOfValues, (text: string) => Json | undefined>> = {
  integer: readInteger,
  number: readNumber,
  boolean: readBoolean,
}

function readInteger(text: string): number | undefined {
  const value = INTEGER.test(text) ? Number(text) : Number.NaN
  // Not the -0 that JSON cannot write.
  return Number.isSafeInteger(value) ? value + 0 : undefined
}

function readNumber(text: string): number | undefined {
  if (!DECIMAL.test(text)) return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  // Digits without a fraction may be a key: they are kept, or refused.
  const keepsDigits = !INTEGER.test(text) || Number.isSafeInteger(value) || String(value) === text
  return keepsDigits ? value + 0 : undefined
}

function readBoolean(text: string): boolean | undefined {
  if (TRUE.test(text)) return true
  return FALSE.test(text) ? false : undefined
}

const INTEGER = /^[-+]?[0-9]+$/
const DECIMAL = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/
const TRUE = /^true$/i
const FALSE = /^false$/i
