import type { TestProject } from 'vitest/node'
import { Broker, type BrokerAddresses, KAFKA_VERSIONS } from './broker/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Brokers that all suites share, by version; whoever kills one starts its own. */
    readonly brokers: Readonly<Record<string, BrokerAddresses>>
  }
}

export default async function startBrokers(project: TestProject): Promise<() => Promise<void>> {
  const brokers = new Map<string, Broker>()
  const stop = async () => {
    for (const broker of brokers.values()) await broker.remove()
  }
  try {
    for (const version of KAFKA_VERSIONS) brokers.set(version, await Broker.start(version))
  } catch (error) {
    await stop()
    throw error
  }
  project.provide('brokers', Object.fromEntries([...brokers].map(([version, { addresses }]) => [version, addresses])))
  return stop
}
