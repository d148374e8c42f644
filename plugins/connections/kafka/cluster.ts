import type { ConnectionOptions } from 'node:tls'
import { type ConnectionContext, type OptionValues, readReference } from '../../../engine/plugin.ts'
import { type KafkaJsSettings, openKafkaJs, Writers } from '../../shared/kafka/kafkajs/index.ts'
import type { Kafka } from '../../shared/kafka/port.ts'
import type { options } from './options.ts'

type Settings = OptionValues<typeof options>

/** `a:1, b:2` as a list. */
export function brokersOf(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim())
}

/** A cluster. Pipelines of one process that use the same one know of each other's writers (`until: end`). */
export async function openCluster(settings: Settings, context: ConnectionContext): Promise<Kafka> {
  const { clock, random, log } = context
  const brokers = brokersOf(settings.brokers)
  const key = `writers to ${brokers.toSorted().join(',')}`
  const writers = await context.shared(key, async () => ({ value: new Writers(), close: async () => {} }))
  const ssl = await tlsOf(settings, context)
  const sasl = saslOf(settings)
  if (sasl?.mechanism === 'plain' && ssl === undefined) {
    log.warn('sasl `plain` without `ssl` shows the password to the network')
  }
  return openKafkaJs({
    brokers,
    clientId: settings.client_id,
    ssl,
    sasl,
    connectTimeout: settings.connect_timeout,
    requestTimeout: settings.request_timeout,
    sessionTimeout: settings.session_timeout,
    ...{ clock, random, log, writers },
  })
}

async function tlsOf({ ssl }: Settings, context: ConnectionContext): Promise<ConnectionOptions | undefined> {
  if (!ssl.enabled) return undefined
  const read = (file: string | undefined) => (file === undefined ? undefined : readReference(file, context))
  const parts = {
    ca: await read(ssl.ca_file),
    cert: await read(ssl.cert_file),
    key: await read(ssl.key_file),
    passphrase: ssl.key_password,
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined))
}

/** Complete when a mechanism is named (check.ts). */
function saslOf({ sasl }: Settings): KafkaJsSettings['sasl'] {
  const { mechanism, username = '', password = '' } = sasl
  return mechanism === undefined ? undefined : { mechanism, username, password }
}
