/** The windows that are verified. Durations in milliseconds; the oracle reads these numbers, the pipeline says the same. */
export const OUT_OF_ORDERNESS = 3_000

export type Case = GridCase | SessionCase

interface CaseBase {
  readonly name: string
  /** The field that the windows are kept apart by. */
  readonly by: 'shop' | 'visitor'
  readonly lateness: number
}

/** Windows of the length `every` that begin at each multiple of `slide`; tumbling when the two are the same. */
export interface GridCase extends CaseBase {
  readonly kind: 'grid'
  readonly every: number
  readonly slide: number
}

export interface SessionCase extends CaseBase {
  readonly kind: 'session'
  readonly gap: number
}

/** One slide divides the length, one does not. */
export const CASES: readonly Case[] = [
  { name: 'tumbling', kind: 'grid', by: 'shop', every: 10_000, slide: 10_000, lateness: 4_000 },
  { name: 'sliding', kind: 'grid', by: 'shop', every: 10_000, slide: 5_000, lateness: 0 },
  { name: 'overlapping', kind: 'grid', by: 'shop', every: 10_000, slide: 4_000, lateness: 1_000 },
  { name: 'session', kind: 'session', by: 'visitor', gap: 60_000, lateness: 5_000 },
]
