import type { Json } from '../record.ts'
import { floorDivide, inRange } from './civil.ts'

/** How many of each make a second. */
export const EPOCH_UNITS = { epoch_s: 1, epoch_ms: 1e3, epoch_us: 1e6, epoch_ns: 1e9 } as const
export type EpochUnit = keyof typeof EPOCH_UNITS

/**
 * Reads a count since 1970 as milliseconds, what is less than one of them cut off downwards. Takes numbers and their
 * decimal text. A number means the shortest decimal text that reads as it, so that 1700000000.123 seconds are 123 ms
 * and not 122, and the nanoseconds of a whole millisecond stay one although JSON numbers are too coarse for them.
 */
export function parseEpoch(value: Json, unit: EpochUnit): number | undefined {
  if (typeof value === 'number') return inRange(fromNumber(value, unit))
  return typeof value === 'string' && DECIMAL.test(value) ? inRange(fromText(value, unit)) : undefined
}

/** Exact: seconds get three digits of a fraction where they need them. */
export function printEpoch(time: number, unit: EpochUnit): string {
  const ms = Math.floor(time)
  if (unit === 'epoch_ms') return String(ms)
  if (unit !== 'epoch_s') return ms === 0 ? '0' : `${ms}${unit === 'epoch_us' ? '000' : '000000'}`
  const rest = Math.abs(ms % 1000)
  const seconds = `${ms < 0 ? '-' : ''}${Math.trunc(Math.abs(ms) / 1000)}`
  return rest === 0 ? seconds : `${seconds}.${String(rest).padStart(3, '0')}`
}

const DECIMAL = /^[+-]?\d{1,40}(?:\.\d{1,40})?$/

function fromNumber(value: number, unit: EpochUnit): number | undefined {
  if (Number.isSafeInteger(value)) {
    // The 0 makes one of -0, which is no time of its own.
    return (unit === 'epoch_s' ? value * 1000 : floorDivide(value, EPOCH_UNITS[unit] / 1000)) + 0
  }
  const text = String(value)
  if (DECIMAL.test(text)) return fromText(text, unit)
  // What is written with an exponent is next to nothing, too far away, or not finite.
  return Math.abs(value) < 1 ? (value < 0 ? -1 : 0) : undefined
}

/** Moves the point by the digits between the unit and the millisecond, and cuts there. */
function fromText(text: string, unit: EpochUnit): number {
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = text.replace(/^[+-]/, '').split('.')
  const digits = whole + fraction
  const point = whole.length + SHIFTS[unit]
  const kept = digits.slice(0, Math.max(0, point)).padEnd(point, '0')
  const isWhole = !/[1-9]/.test(digits.slice(Math.max(0, point)))
  const ms = Number(kept)
  return negative ? -ms - (isWhole ? 0 : 1) + 0 : ms
}

const SHIFTS: Readonly<Record<EpochUnit, number>> = { epoch_s: 3, epoch_ms: 0, epoch_us: -3, epoch_ns: -6 }
