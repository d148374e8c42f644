import type { Clock } from '../clock.ts'

/** A clock that stands still until it is moved. */
export interface ManualClock extends Clock {
  /** Moves the clock on and fires the timers that fall due, in order, each at its own time. */
  advance(ms: number): void
  /** Timers that wait. */
  readonly waiting: number
  /** When the next of them falls due; undefined when none waits. */
  readonly nextAt: number | undefined
}

export function manualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start
  let timers: { at: number; fire: () => void }[] = []
  return {
    now: () => time,
    monotonic: () => time - start,
    timer(ms, fire) {
      const timer = { at: time + Math.max(0, ms), fire }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = time + ms
      for (;;) {
        const next = timers.toSorted((a, b) => a.at - b.at)[0]
        if (next === undefined || next.at > end) break
        time = next.at
        timers = timers.filter((other) => other !== next)
        next.fire()
      }
      time = end
    },
    get waiting() {
      return timers.length
    },
    get nextAt() {
      return timers.length === 0 ? undefined : Math.min(...timers.map(({ at }) => at))
    },
  }
}
