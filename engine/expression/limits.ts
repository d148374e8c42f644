/** What one evaluation may use (J-1, J-4). Reached, they fail the record with SR_EXPRESSION_LIMIT. */
export interface Limits {
  /** Milliseconds. */
  readonly time: number
  /**
   * Expressions that wait for others at the same moment: the depth of recursion, and also the width of what is
   * grouped (`items{sku: $sum(price)}` waits for all its groups at once), so it must not be small.
   */
  readonly depth: number
  /** Items of a sequence. */
  readonly sequence: number
  /** Items that `$sort` and `$distinct` take: their cost grows with the square (50,000 numbers end the process). */
  readonly sorted: number
  /** Characters of one text, and of a whole result as JSON. */
  readonly text: number
  /** Characters of all the texts that are made on the way. */
  readonly made: number
}

export const DEFAULT_LIMITS: Limits = {
  time: 1000,
  depth: 10_000,
  sequence: 100_000,
  sorted: 10_000,
  text: 1_048_576,
  made: 16 * 1_048_576,
}

/** Thrown inside an evaluation; `reason` completes "it ..." and holds nothing of the data (J-7). */
export class LimitReached extends Error {
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.name = 'LimitReached'
    this.reason = reason
  }
}
