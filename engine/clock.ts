/**
 * Time as an argument. Only the adapter in this file touches the machine's clocks and timers; everything else is
 * handed a `Clock`, so that a test can be one that is moved by hand (`manualClock` in streamrun/testing).
 */
export interface Clock {
  /** The wall clock, epoch milliseconds. May jump; good for timestamps, not for measuring. */
  now(): number
  /** Milliseconds since some fixed moment, never going back. Good for deadlines and durations (PR-07). */
  monotonic(): number
  /** Calls `fire` once after `ms`; the result cancels it. */
  timer(ms: number, fire: () => void): () => void
}

/** The clocks of this machine. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => Number(process.hrtime.bigint()) / 1e6,
    timer: longTimer,
  }
}

/** Longer waits make `setTimeout` fire at once: they are waited for in steps. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

function longTimer(ms: number, fire: () => void): () => void {
  let cancelRest = () => {}
  const step = Math.min(ms, LONGEST_TIMEOUT_MS)
  const handle = setTimeout(() => {
    if (step < ms) cancelRest = longTimer(ms - step, fire)
    else fire()
  }, step)
  return () => {
    clearTimeout(handle)
    cancelRest()
  }
}

/** Resolves after `ms`, or at once when `signal` is aborted: the caller looks at the signal to know which. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const wake = () => {
      cancel()
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const cancel = clock.timer(ms, wake)
    signal?.addEventListener('abort', wake)
  })
}
