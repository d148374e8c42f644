import type { Json, StateForm } from '../../../engine/plugin.ts'

/** What a check has counted in one window. */
export interface Tally {
  /** Records that it looked at, and those of them that are not as they should be. */
  looked: number
  bad: number
  /** The largest age, in milliseconds. */
  oldest: number
  /** How often each value came. */
  readonly values: Map<string, number>
}

/** The counts of one window: of all its records, and of each check in the order of the definition. */
export interface Window {
  records: number
  readonly tallies: readonly Tally[]
}

export function emptyWindow(checks: number): Window {
  return { records: 0, tallies: Array.from({ length: checks }, emptyTally) }
}

function emptyTally(): Tally {
  return { looked: 0, bad: 0, oldest: 0, values: new Map() }
}

export const WINDOW: StateForm<Window> = {
  encode: ({ records, tallies }) => [
    records,
    tallies.map(({ looked, bad, oldest, values }) => [looked, bad, oldest, [...values].flat()]),
  ],
  decode(kept) {
    const [records, tallies] = kept as unknown as [number, [number, number, number, Json[]][]]
    return {
      records,
      tallies: tallies.map(([looked, bad, oldest, flat]) => ({ looked, bad, oldest, values: pairsOf(flat) })),
    }
  },
}

function pairsOf(flat: readonly Json[]): Map<string, number> {
  const pairs = new Map<string, number>()
  for (let at = 0; at < flat.length; at += 2) pairs.set(flat[at] as string, flat[at + 1] as number)
  return pairs
}
