import { describeDuration } from './durations.ts'

/** How far a pipeline has come in the time of its records. */
export interface EventTime {
  /** No record older than this is expected any more; undefined: nothing is known yet. */
  readonly watermark: number | undefined
  /** Milliseconds that it is behind the wall clock; negative where records are dated ahead. */
  readonly lag: number | undefined
  /** What it waits for: a source, or `source partition`. */
  readonly heldBy: string | undefined
}

/** `watermark 3.2 s behind`; what is long ago is read again, and stands as a time. */
export function describeEventTime({ watermark, lag }: EventTime): string {
  if (watermark === undefined || lag === undefined) return 'no watermark yet'
  if (lag >= LONG_AGO_MS) return `watermark ${new Date(watermark).toISOString().slice(0, 19).replace('T', ' ')}`
  return lag < 0 ? `watermark ${describeDuration(-lag)} ahead` : `watermark ${describeDuration(lag)} behind`
}

/** The same with what holds it. */
export function explainEventTime(time: EventTime): string {
  return time.heldBy === undefined ? describeEventTime(time) : `${describeEventTime(time)}, held by ${time.heldBy}`
}

const LONG_AGO_MS = 86_400_000
