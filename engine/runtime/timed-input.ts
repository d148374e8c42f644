import type { InputTime, Moment, TimeRule } from '../time/input-time.ts'
import type { TimeRelay } from '../time/relay.ts'
import type { ReadTimes } from '../time/timestamps.ts'
import type { BatchQueue, QueueItem } from './queue.ts'

/** One input of a pump, and how its records come by their time. */
export interface TimedInput {
  /** The source or the channel; undefined for a queue between pumps, whose time is its writer's to keep. */
  readonly component: string | undefined
  readonly rule: TimeRule
  readonly queue: BatchQueue
  /** Gives records the times of their events; undefined where they have those of their arrival, or marks. */
  readonly read: ReadTimes | undefined
  /** What carries time to it; with `drained`, which says whether all that was written is handed over, beside its records. */
  readonly carrier?: { readonly relay: TimeRelay; readonly drained?: () => boolean } | undefined
  /** The watermarks of its partitions in the last checkpoint. */
  readonly kept: ReadonlyMap<string, number>
}

/** The same at work. */
export type KeptInput = TimedInput & { readonly time: InputTime }

/** What another pump says the time of is one partition, whatever its records came from. */
export const CARRIED = ''

/** The partition that an item says the time of. */
export function partitionOf({ rule }: TimedInput, { position }: QueueItem): string {
  return rule.kind === 'carried' ? CARRIED : (position?.partition ?? CARRIED)
}

/** What was there at the start has been handed over. */
export function isCaughtUp({ carrier, time }: KeptInput, now: Moment): boolean {
  if (carrier === undefined) return time.caughtUp(now)
  return time.ended || (!time.waiting && carrier.relay.caughtUp && carrier.drained?.() !== false)
}
