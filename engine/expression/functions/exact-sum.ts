import { sumError } from './error-free.ts'

/**
 * Sums of doubles that do not depend on order, splits or merges, because nothing is rounded before the end.
 * Formula: J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic", grow-expansion: the sum is kept as a few
 * doubles that do not overlap.
 */
export class ExactSum {
  readonly #ordinary: number[] = []
  /** Of terms so large that their sum could overflow on the way: divided by 2^64. */
  readonly #huge: number[] = []

  add(term: number): void {
    if (Math.abs(term) < HUGE) grow(this.#ordinary, term)
    else grow(this.#huge, term * 2 ** -64)
  }

  merge({ ordinary, huge }: { readonly ordinary: readonly number[]; readonly huge: readonly number[] }): void {
    for (const part of ordinary) grow(this.#ordinary, part)
    for (const part of huge) grow(this.#huge, part)
  }

  /** What it is made of: plain numbers, for `merge` and for storing. */
  get parts(): { readonly ordinary: readonly number[]; readonly huge: readonly number[] } {
    return { ordinary: this.#ordinary, huge: this.#huge }
  }

  /** The exact sum, in units of 2^-1074. */
  get units(): bigint {
    const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + unitsOf(part), 0n)
    return sum(this.#ordinary) + (sum(this.#huge) << 64n)
  }

  /** The double that is next to the exact sum divided by `count`; Infinity where it is beyond all. */
  dividedBy(count: number): number {
    if (count === 1 && this.#huge.length === 0 && this.#ordinary.length < 2) return this.#ordinary[0] ?? 0
    return nearestDouble(this.units, BigInt(count) << UNIT_BITS)
  }
}

const HUGE = 2 ** 960
const UNIT_BITS = 1074n

/** Adds to a list of doubles that do not overlap, smallest first, without error. */
function grow(parts: number[], term: number): void {
  let carry = term
  let kept = 0
  for (const part of parts) {
    const sum = carry + part
    const error = sumError(carry, part, sum)
    if (error !== 0) parts[kept++] = error
    carry = sum
  }
  parts.length = kept
  if (carry !== 0) parts.push(carry)
}

/** A double as a whole number of 2^-1074. */
export function unitsOf(double: number): bigint {
  BITS.setFloat64(0, double)
  const bits = BITS.getBigUint64(0)
  const exponent = (bits >> 52n) & 0x7ffn
  const fraction = bits & 0xfffffffffffffn
  const units = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n)
  return double < 0 ? -units : units
}

const BITS = new DataView(new ArrayBuffer(8))

/** The double next to a fraction, the even one of two; `denominator` is above 0. */
export function nearestDouble(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -nearestDouble(-numerator, denominator)
  if (numerator === 0n) return 0
  // Enough digits that rounding them once is rounding the fraction; near 0 those that a double still has there.
  const length = bitLength(numerator) - bitLength(denominator)
  const shift = length < -960 ? 1074 : 64 - length
  const up = BigInt(Math.max(0, shift))
  const down = BigInt(Math.max(0, -shift))
  const dividend = numerator << up
  const divisor = denominator << down
  const quotient = dividend / divisor
  if (shift === 1074) return roundedHalfEven(quotient, dividend % divisor, divisor) * 2 ** -1074
  const sticky = dividend % divisor === 0n ? quotient : quotient | 1n
  return scaled(Number(sticky), -shift)
}

function roundedHalfEven(quotient: bigint, rest: bigint, divisor: bigint): number {
  const twice = rest * 2n
  const up = twice > divisor || (twice === divisor && (quotient & 1n) === 1n)
  return Number(up ? quotient + 1n : quotient)
}

/** In two steps: 2^1024 itself is beyond all doubles. */
function scaled(number: number, power: number): number {
  const half = Math.trunc(power / 2)
  return number * 2 ** half * 2 ** (power - half)
}

function bitLength(number: bigint): number {
  return number.toString(16).length * 4
}
