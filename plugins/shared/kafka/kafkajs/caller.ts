import { type Clock, messageOf, RetryableError, sleep } from '../../../../engine/plugin.ts'

/** What a callback threw is the caller's own affair: it ends the consumer, unless it may pass. */
export class CallerError extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause })
    this.name = 'CallerError'
  }
}

/** The answer of a callback; undefined when all is to end first: who goes does not hold the others up. */
export function ask<T>(answer: Promise<T>, ending: AbortSignal): Promise<T | undefined> {
  const asked = answer.catch((error: unknown) => {
    throw error instanceof RetryableError ? error : new CallerError(error)
  })
  return unlessEnding(asked, ending)
}

export function unlessEnding<T>(work: Promise<T>, ending: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = () => resolve(undefined)
    ending.addEventListener('abort', end)
    if (ending.aborted) end()
    work.then(resolve, reject).finally(() => ending.removeEventListener('abort', end))
  })
}

export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve())
    if (signal.aborted) resolve()
  })
}

/** Waits for work whose outcome is of no interest, but not longer than this. */
export async function within(clock: Clock, work: Promise<unknown>, ms: number): Promise<void> {
  const done = new AbortController()
  const finished = work.catch(() => {}).then(() => done.abort())
  await Promise.race([finished, sleep(clock, ms, done.signal)])
}
