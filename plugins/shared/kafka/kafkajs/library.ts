import { createRequire } from 'node:module'
import type { AssignerProtocol, Kafka as Client, KafkaConfig, logCreator, PartitionAssigner } from 'kafkajs'
import type { Logger } from '../../../../engine/plugin.ts'
import { type DecodeMessages, withBatchEnds } from './batch-ends.ts'
import { quickenEncoding } from './encoding.ts'
import type { ConsumerGroupClass, RequestQueueClass } from './internals.ts'
import type { KafkaJsSettings } from './settings.ts'
import { openSocket } from './sockets.ts'

/** kafkajs, loaded when a pipeline uses it. */
export interface Library {
  /** One for each producer, consumer and admin: what they keep of committed offsets is shared within it (K-7). */
  client(): Client
  readonly ConsumerGroup: ConsumerGroupClass
  readonly roundRobin: PartitionAssigner
  /** How members of a group write what they say of themselves, and what they get. */
  readonly protocol: typeof AssignerProtocol
  readonly gzip: number
}

export async function loadLibrary(settings: KafkaJsSettings): Promise<Library> {
  quickenEncoding()
  const { default: kafkajs } = await import('kafkajs')
  const { brokers, clientId, ssl, sasl, connectTimeout, requestTimeout, log } = settings
  const config: KafkaConfig = {
    brokers: [...brokers],
    clientId,
    connectionTimeout: connectTimeout,
    authenticationTimeout: requestTimeout,
    requestTimeout,
    // Few and quick: what may pass is tried again by whoever knows for how long (faults.ts).
    retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 1000 },
    socketFactory: openSocket,
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logTo(log),
    ...(ssl === undefined ? {} : { ssl }),
    ...(sasl === undefined ? {} : { sasl }),
  }
  const { ConsumerGroup, RequestQueue } = loadInternals()
  quieten(RequestQueue)
  noteBatchEnds()
  return {
    client: () => new kafkajs.Kafka(config),
    ConsumerGroup,
    roundRobin: kafkajs.PartitionAssigners.roundRobin,
    protocol: kafkajs.AssignerProtocol,
    gzip: kafkajs.CompressionTypes.GZIP,
  }
}

/** The version is pinned, and the contract suite runs against it. */
function loadInternals(): { ConsumerGroup: ConsumerGroupClass; RequestQueue: RequestQueueClass } {
  const require = createRequire(import.meta.url)
  return {
    ConsumerGroup: require('kafkajs/src/consumer/consumerGroup.js') as ConsumerGroupClass,
    RequestQueue: require('kafkajs/src/network/requestQueue/index.js') as RequestQueueClass,
  }
}

/** Its messages only: what stands beside them may be data. What someone must act on is said by us. */
function logTo(log: Logger): logCreator {
  return () =>
    ({ namespace, log: { message } }) =>
      log.debug(`kafkajs: ${message}`, { namespace })
}

/** Every queue of requests sets a timer of 1 ms again and again, for ever; it is needed only while requests wait. */
function quieten(RequestQueue: RequestQueueClass): void {
  const { prototype } = RequestQueue
  if (Object.hasOwn(prototype, QUIET)) return
  const schedule = prototype.scheduleCheckPendingRequests
  prototype.scheduleCheckPendingRequests = function (this: { readonly pending: readonly unknown[] }) {
    if (this.pending.length > 0) schedule.call(this)
  }
  Object.defineProperty(prototype, QUIET, { value: true })
}

/** The modules that call it are loaded with the first fetch, and take what stands here then. */
function noteBatchEnds(): void {
  const require = createRequire(import.meta.url)
  const path = require.resolve('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js')
  const decode = require(path) as DecodeMessages & { [NOTED]?: true }
  const module = require.cache[path]
  if (module === undefined || decode[NOTED]) return
  module.exports = Object.assign(withBatchEnds(decode), { [NOTED]: true })
}

const QUIET = Symbol('quiet')
const NOTED = Symbol('noted')
