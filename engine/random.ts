import { randomBytes } from 'node:crypto'

/** Chance as an argument: the machine's entropy in production, a seed in tests and generators. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

/** Entropy of this machine. */
export function systemRandom(): Random {
  return { next: () => randomBytes(4).readUInt32LE(0) / 2 ** 32 }
}

/**
 * The same numbers for the same seed, everywhere and for ever: state that is derived from them survives upgrades.
 * Formula: mulberry32 (Tommy Ettinger, public domain), 2^32 states.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let mixed = Math.imul(state ^ (state >>> 15), state | 1)
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
    },
  }
}
