import { type JsonObject, type StreamRecord, withValue } from '../../../engine/plugin.ts'

export interface Top {
  /** How many results of a window leave. */
  readonly n: number
  /** The aggregate that counts: the largest number comes first. */
  readonly by: string
  /** The key within whose values ranks are counted apart. */
  readonly within?: string | undefined
}

/**
 * The best results of one window, of which no more are kept than will leave. Results come in the order of their keys,
 * which is the order of those that are equal.
 */
export class Ranking {
  readonly #top: Top
  /** By the key of `within`, in the order in which its values came. */
  readonly #groups = new Map<unknown, StreamRecord[]>()

  constructor(top: Top) {
    this.#top = top
  }

  /** Says how many results have no chance any more: 0 or 1. */
  add(result: StreamRecord): number {
    const { n, within } = this.#top
    if (this.#sizeOf(result) === undefined) return 1
    const group = within === undefined ? undefined : (result.value as JsonObject)[within]
    const best = this.#groups.get(group) ?? []
    if (best.length === 0) this.#groups.set(group, best)
    best.splice(this.#placeIn(best, result), 0, result)
    if (best.length <= n) return 0
    best.pop()
    return 1
  }

  /** The best, each with its `rank` from 1, group by group; nothing is kept. */
  take(): readonly StreamRecord[] {
    const ranked = [...this.#groups.values()].flatMap((best) =>
      best.map((result, index) => withValue(result, { ...(result.value as JsonObject), rank: index + 1 })),
    )
    this.#groups.clear()
    return ranked
  }

  /** Undefined where the aggregate is no number: it cannot be ranked. */
  #sizeOf({ value }: StreamRecord): number | undefined {
    const size = (value as JsonObject)[this.#top.by]
    return typeof size === 'number' ? size : undefined
  }

  /** Behind all that are at least as large; found by halving. */
  #placeIn(best: readonly StreamRecord[], result: StreamRecord): number {
    const size = this.#sizeOf(result) as number
    let [from, to] = [0, best.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if ((this.#sizeOf(best[middle] as StreamRecord) as number) >= size) from = middle + 1
      else to = middle
    }
    return from
  }
}
