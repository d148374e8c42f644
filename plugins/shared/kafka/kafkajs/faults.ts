import { messageOf, RetryableError, retryable, StreamrunError } from '../../../../engine/plugin.ts'

/** The error of the protocol, such as `MESSAGE_TOO_LARGE`, or the name of the error; kafkajs wraps what it gave up on. */
export function kindOf(error: unknown): string {
  const { type, name, cause } = error as { type?: unknown; name?: unknown; cause?: unknown }
  if (typeof type === 'string') return type
  if (cause instanceof Error && cause !== error) return kindOf(cause)
  return String(name)
}

/** What the caller of the port is to see: ours as they are; what will not pass by itself as such; the rest may pass. */
export function faultOf(error: unknown): Error {
  if (error instanceof StreamrunError || error instanceof RetryableError) return error
  return lastingFault(error) ?? retryable(`Kafka: ${messageOf(error)}`, error)
}

/** `await orFault(...)`: the same for what it rejects with. */
export function orFault<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw faultOf(error)
  })
}

/** Nothing but somebody's hand makes these go away. */
export function lastingFault(error: unknown): StreamrunError | undefined {
  const kind = kindOf(error)
  if (REFUSED.has(kind) || kind.endsWith('_AUTHORIZATION_FAILED')) {
    return new StreamrunError('SR_KAFKA_AUTH', `Kafka refuses: ${messageOf(error)}`, { cause: error })
  }
  if (kind === 'INVALID_TOPIC_EXCEPTION') return topicFault(messageOf(error))
  return undefined
}

const REFUSED = new Set([
  'KafkaJSSASLAuthenticationError',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
])

/** Somebody else has the id of a transaction, or the partition whose position it holds. */
export function fencedFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_FENCED', message)
}

/** No answer in time: the connection may be one that the other end has forgotten, and kafkajs would go on using it (KA-17). */
export function isTimeout(error: unknown): boolean {
  // As the second, kafkajs also reports that nobody answers who is asked for a coordinator.
  return ['KafkaJSRequestTimeoutError', 'KafkaJSGroupCoordinatorNotFound'].includes(kindOf(error))
}

export function topicFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_TOPIC', message)
}

export function offsetsFault(message: string): StreamrunError {
  return new StreamrunError('SR_KAFKA_OFFSETS', message)
}

/** The group has gone on without this member, or is about to. */
export function isOutOfGroup(error: unknown): boolean {
  return ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'].includes(kindOf(error))
}
