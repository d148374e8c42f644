import { type CheckContext, messageOf, type OptionValues, readReference } from '../../../engine/plugin.ts'
import { type Fault, fault } from '../../shared/fault.ts'
import { brokersOf } from './cluster.ts'
import type { options } from './options.ts'

type Settings = OptionValues<typeof options>

/** What can be said about the options without a broker. */
export async function faultsIn(settings: Settings, context: CheckContext): Promise<readonly Fault[]> {
  const faults = [brokersFaults, sslFaults, saslFaults, timeFaults].flatMap((check) => check(settings))
  return [...faults, ...(await fileFaults(settings, context))]
}

function brokersFaults({ brokers }: Settings): Fault[] {
  if (brokers === 'embedded') return []
  const wrong = brokersOf(brokers).find((one) => !/^[^\s:,/]+:\d{1,5}$/.test(one))
  if (wrong === undefined) return []
  return [fault(['brokers'], 'SR_BAD_VALUE', `must be \`embedded\`, or \`host:port\` with commas between them`)]
}

function sslFaults({ ssl }: Settings): Fault[] {
  const { enabled, cert_file, key_file, ...others } = ssl
  const given = Object.entries({ cert_file, key_file, ...others }).find(([, value]) => value !== undefined)
  if (!enabled && given !== undefined) {
    return [fault(['ssl', given[0]], 'SR_OPTION_REFUSED', 'is of no use without `enabled: true`')]
  }
  if ((cert_file === undefined) === (key_file === undefined)) return []
  const [has, lacks] = cert_file === undefined ? ['key_file', 'cert_file'] : ['cert_file', 'key_file']
  return [fault(['ssl', has], 'SR_OPTION_REFUSED', `is of no use without \`${lacks}\``)]
}

function saslFaults({ sasl }: Settings): Fault[] {
  const { mechanism, username, password } = sasl
  const given = username === undefined ? 'password' : 'username'
  if (mechanism === undefined) {
    if (username === undefined && password === undefined) return []
    return [fault(['sasl', given], 'SR_OPTION_REFUSED', 'is of no use without `mechanism`')]
  }
  const missing = Object.entries({ username, password }).find(([, value]) => value === undefined)
  return missing === undefined ? [] : [fault(['sasl', 'mechanism'], 'SR_OPTION_REFUSED', `needs \`${missing[0]}\``)]
}

function timeFaults({ session_timeout, request_timeout, connect_timeout }: Settings): Fault[] {
  const short = { session_timeout: [session_timeout, 6000], request_timeout: [request_timeout, 1000] } as const
  const faults = Object.entries(short).flatMap(([name, [given, least]]) =>
    given < least ? [fault([name], 'SR_BAD_VALUE', `must be ${least / 1000}s or more`)] : [],
  )
  return connect_timeout > 0 ? faults : [...faults, fault(['connect_timeout'], 'SR_BAD_VALUE', 'must be more than 0')]
}

async function fileFaults({ ssl }: Settings, context: CheckContext): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const name of ['ca_file', 'cert_file', 'key_file'] as const) {
    const file = ssl[name]
    if (file === undefined) continue
    const reason = await readReference(file, context).then(() => undefined, messageOf)
    if (reason !== undefined) faults.push(fault(['ssl', name], 'SR_FILE_REFERENCE', reason))
  }
  return faults
}
