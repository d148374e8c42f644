import { randomFillSync } from 'node:crypto'

/** Chance as an argument: the machine's entropy in production, a seed in tests and generators. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
}

/** Entropy of this machine, 53 bits a number; asked for many bytes at a time, as each call costs microseconds. */
export function systemRandom(): Random {
  const words = new Uint32Array(1024)
  let used = words.length
  return {
    next() {
      if (used === words.length) {
        randomFillSync(words)
        used = 0
      }
      const high = (words[used++] as number) >>> 5
      const low = (words[used++] as number) >>> 6
      return (high * 2 ** 26 + low) / 2 ** 53
    },
  }
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
