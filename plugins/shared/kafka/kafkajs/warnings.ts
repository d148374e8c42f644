import type { Logger } from '../../../../engine/plugin.ts'
import type { TopicInfo } from '../port.ts'
import type { Metadata } from './metadata.ts'

/** K-13: says, once for each topic, where the loss of one machine is the loss of records. */
export class Warnings {
  readonly #metadata: Metadata
  readonly #log: Logger
  readonly #said = new Set<string>()

  constructor(metadata: Metadata, log: Logger) {
    this.#metadata = metadata
    this.#log = log
  }

  /** Gives those of these topics that there are. `isLook`: nobody relies on them, and nothing is said. */
  async check(topics: readonly string[], { isLook = false } = {}): Promise<readonly string[]> {
    if (topics.length === 0) return []
    const found = await this.#metadata.topics(topics)
    if (!isLook) for (const topic of found) this.#warn(topic)
    return found.map(({ name }) => name)
  }

  #warn({ name, replicationFactor, minInSyncReplicas }: TopicInfo): void {
    const isSaid = this.#said.has(name)
    this.#said.add(name)
    if (isSaid) return
    if (replicationFactor === 1) this.#log.warn(`topic ${name} has replication factor 1: one lost disk loses records`)
    else if (minInSyncReplicas === 1) {
      this.#log.warn(`topic ${name} has min.insync.replicas 1: what one broker has taken counts as safe`)
    }
  }
}
