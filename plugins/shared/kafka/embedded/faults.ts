import { errorCode, messageOf, retryable, StreamrunError } from '../../../../engine/plugin.ts'

/** What the caller of a port is to see of an error of the disk: a full one is waited out. */
export function diskFault(place: string, error: unknown): Error {
  // A log that cannot be opened says so in its own words.
  const code = errorCode(error instanceof StreamrunError ? error.cause : error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return retryable('disk full', error)
  if (error instanceof StreamrunError) return error
  return new StreamrunError('SR_IO', `${place}: ${messageOf(error)}`, { cause: error })
}

/** `await orDiskFault(place, ...)`: the same for what it rejects with. */
export function orDiskFault<T>(place: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw diskFault(place, error)
  })
}

/** A position or a checkpoint does not fit what is there. */
export function offsetsFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_OFFSETS', message)
}

export function topicFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_TOPIC', message)
}

/** Somebody else has the id of a transaction, or the partition whose position it holds. */
export function fencedFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_FENCED', message)
}
