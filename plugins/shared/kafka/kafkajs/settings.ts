import type { ConnectionOptions } from 'node:tls'
import type { SASLOptions } from 'kafkajs'
import type { Clock, Logger, Random } from '../../../../engine/plugin.ts'
import type { Writers } from './writers.ts'

export interface KafkaJsSettings {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Undefined: no TLS. */
  readonly ssl: ConnectionOptions | undefined
  readonly sasl: SASLOptions | undefined
  /** Milliseconds, all of them. */
  readonly connectTimeout: number
  readonly requestTimeout: number
  /** A member that says nothing for so long is out of its group. */
  readonly sessionTimeout: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** Of all clients of this process that are connected to these brokers. */
  readonly writers: Writers
}
