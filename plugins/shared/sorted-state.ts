import type { Json, StateForm } from '../../engine/plugin.ts'

/** State whose entries stand in the order of a number that only grows, such as a time: the smallest first, after a restart too. */
export function inOrderOf<V>(numberOf: (value: V) => number): StateForm<V> {
  return {
    encode: (value) => value as Json,
    decode: (kept) => kept as V,
    compare: (a, b) => numberOf(a) - numberOf(b),
  }
}
