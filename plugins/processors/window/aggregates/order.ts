import type { StreamRecord } from '../../../../engine/plugin.ts'

/**
 * The order of the values of a window: by time, then source component, then partition; what is equal in all three came
 * from one partition and stays in the order in which it came.
 */
export interface Place {
  readonly at: number
  readonly source: string
}

export function compare(a: Place, b: Place): number {
  return a.at - b.at || (a.source < b.source ? -1 : a.source > b.source ? 1 : 0)
}

/** Component and partition as one text that is ordered as the two are: the separator is below every other character. */
export function sourceOf({ origin }: StreamRecord): string {
  return `${origin.component}\0${origin.partition}`
}
