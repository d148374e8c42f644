/** The double next to `numerator / denominator`, ties to even. `denominator` > 0; the quotient is in the normal range. */
export function nearest(numerator: bigint, denominator: bigint): number {
  if (numerator < 0n) return -nearest(-numerator, denominator)
  // At least 64 bits of quotient; what is behind them only has to break ties, so that one bit can stand for it.
  const shift = BigInt(Math.max(0, 64 + bits(denominator) - bits(numerator)))
  const quotient = (numerator << shift) / denominator
  const isExact = quotient * denominator === numerator << shift
  return Number(isExact ? quotient : quotient | 1n) / 2 ** Number(shift)
}

/** How many, or up to 3 more. */
function bits(number: bigint): number {
  return 4 * number.toString(16).length
}
