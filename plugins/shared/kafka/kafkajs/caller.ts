import { messageOf, RetryableError } from '../../../../engine/plugin.ts'

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
