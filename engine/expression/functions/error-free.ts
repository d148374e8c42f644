/**
 * What a rounded sum or product lacks, itself a double: T. J. Dekker, "A floating-point technique for extending the
 * available precision", 1971. Where something overflows on the way it is no number, and where digits of a product are
 * below the smallest double it is not exact.
 */

/** What `sum`, the rounded sum of two numbers, lacks; in any order of their sizes (Knuth). */
export function sumError(a: number, b: number, sum: number): number {
  const back = sum - a
  return a - (sum - back) + (b - back)
}

/** What `product`, the rounded product of two numbers, lacks. */
export function productError(a: number, b: number, product: number): number {
  const aHigh = highHalf(a)
  const aLow = a - aHigh
  const bHigh = highHalf(b)
  const bLow = b - bHigh
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow)
}

/** The upper half of the digits (Veltkamp). */
function highHalf(number: number): number {
  const wide = number * 134_217_729
  return wide - (wide - number)
}
