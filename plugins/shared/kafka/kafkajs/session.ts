import type { Consumer as Handle, PartitionAssigner } from 'kafkajs'
import { sleep } from '../../../../engine/plugin.ts'
import type { TopicOffset, TopicPartition } from '../port.ts'
import { within } from './caller.ts'
import { isOutOfGroup, kindOf } from './faults.ts'
import type { Batch, Cluster, ConsumerGroup } from './internals.ts'
import type { Library } from './library.ts'
import { readCommitted } from './read-committed.ts'
import type { KafkaJsSettings } from './settings.ts'

/** A member of a group, by one client of kafkajs; thrown away when it does not answer any more. */
export class Session {
  readonly #group: ConsumerGroup
  readonly #cluster: Cluster
  readonly #handle: Handle
  readonly #groupId: string
  readonly #settings: KafkaJsSettings

  private constructor(parts: Opened, groupId: string, settings: KafkaJsSettings) {
    this.#group = parts.group
    this.#cluster = parts.cluster
    this.#handle = parts.handle
    this.#groupId = groupId
    this.#settings = settings
  }

  static async open(
    library: Library,
    member: { readonly groupId: string; readonly topics: readonly string[]; readonly assigner: PartitionAssigner },
    settings: KafkaJsSettings,
  ) {
    const { groupId, topics } = member
    const opened = openGroup(library, member, settings)
    try {
      await opened.cluster.connect()
      await opened.cluster.addMultipleTargetTopics(topics)
    } catch (error) {
      await opened.handle.disconnect().catch(() => {})
      throw error
    }
    return new Session(opened, groupId, settings)
  }

  /** Waits for the other members; gives what became its own. */
  async join(): Promise<readonly TopicPartition[]> {
    await this.#group.joinAndSync()
    const own = this.#group.assigned()
    const partitions = own.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
    this.#group.maxBytesPerPartition = shareOf(partitions.length)
    return partitions
  }

  /** The number of the generation that it has joined. */
  get generation(): number | undefined {
    return this.#group.generationId ?? undefined
  }

  get nodes(): readonly string[] {
    return this.#group.getNodeIds()
  }

  /** How long nothing may come of fetches before it is given up, ms (K-10). */
  get patience(): number {
    return 2 * (MAX_WAIT_MS + this.#settings.requestTimeout)
  }

  /** What came from one broker; nothing after a moment without news. */
  async fetch(node: string): Promise<readonly Batch[]> {
    const { clock } = this.#settings
    const cancel = { timer: () => {} }
    const tooLong = new Promise<never>((_, reject) => {
      // K-10: a request that kafkajs has lost track of.
      cancel.timer = clock.timer(this.patience, () => reject(new NoAnswerError()))
    })
    try {
      return await Promise.race([this.#group.fetch(node), tooLong])
    } finally {
      cancel.timer()
    }
  }

  seek({ topic, partition, offset }: TopicOffset): void {
    this.#group.seek({ topic, partition, offset: String(offset) })
  }

  /** The next fetch begins at this offset. */
  goOn({ topic, partition, offset }: TopicOffset): void {
    this.#group.resolveOffset({ topic, partition, offset: String(offset - 1) })
  }

  heartbeat(): Promise<void> {
    return this.#group.heartbeat({ interval: 0 })
  }

  /** For the generation of when it is called: once there is another one, the broker refuses, and nothing is committed (K-8). */
  async commit(offsets: readonly TopicOffset[], { ending, closing }: Signals): Promise<void> {
    const manager = this.#group.offsetManager
    const topics = offsets.map(({ topic, partition, offset }) => ({
      topic,
      partitions: [{ partition, offset: String(offset) }],
    }))
    // A checkpoint knows the position better than the group does: at the end it is not worth waiting for.
    for (let last = 0; last < LAST_ATTEMPTS && !closing.aborted; last += ending.aborted ? 1 : 0) {
      try {
        return await manager.commitOffsets({ topics: mergeTopics(topics) })
      } catch (error) {
        if (isOutOfGroup(error)) return
        await sleep(this.#settings.clock, RETRY_MS, closing)
        await this.findCoordinator()
        manager.coordinator = this.#group.coordinator
      }
    }
  }

  /** Brokers have come, gone or changed what they lead. */
  async refresh(error: unknown): Promise<void> {
    const { host, port } = ((error as { cause?: unknown }).cause ?? error) as { host?: string; port?: number }
    if (host !== undefined && port !== undefined) this.#cluster.removeBroker({ host, port })
    await this.#cluster.refreshMetadata().catch(() => {})
  }

  async findCoordinator(): Promise<void> {
    const found = await this.#cluster.findGroupCoordinator({ groupId: this.#groupId }).catch(() => undefined)
    if (found !== undefined) this.#group.coordinator = found
  }

  /** The group does not know it any more: it joins as a new member. */
  forgotten(error: unknown): void {
    if (kindOf(error) === 'UNKNOWN_MEMBER_ID') this.#group.memberId = null
  }

  /** Without waiting for ever: a group finds out by itself. */
  async close(): Promise<void> {
    const { clock } = this.#settings
    await within(clock, this.#group.leave(), LEAVE_MS)
    await within(clock, this.#handle.disconnect(), LEAVE_MS)
  }
}

export interface Signals {
  /** Aborted when nobody wants records any more; commits go on. */
  readonly ending: AbortSignal
  /** Aborted when nobody wants anything any more. */
  readonly closing: AbortSignal
}

/** A fetch came to no end. */
export class NoAnswerError extends Error {
  constructor() {
    super('a broker does not answer')
    this.name = 'NoAnswerError'
  }
}

interface Opened {
  readonly group: ConsumerGroup
  readonly cluster: Cluster
  readonly handle: Handle
}

function openGroup(
  library: Library,
  { groupId, topics, assigner: chosen }: Parameters<typeof Session.open>[1],
  settings: KafkaJsSettings,
): Opened {
  const { sessionTimeout } = settings
  const client = library.client()
  let cluster: Cluster | undefined
  let assigner: unknown
  // What is handed to an assigner is what a member is made of.
  const lookInside: PartitionAssigner = (parts) => {
    cluster = parts.cluster as unknown as Cluster
    const made = chosen(parts)
    assigner = made
    return made
  }
  const handle = client.consumer({
    groupId,
    partitionAssigners: [lookInside],
    allowAutoTopicCreation: false,
    metadataMaxAge: METADATA_AGE_MS,
  })
  if (cluster === undefined) throw new Error('kafkajs did not ask for an assigner')
  readCommitted(cluster)
  const group = new library.ConsumerGroup({
    logger: client.logger(),
    cluster,
    groupId,
    topics,
    topicConfigurations: Object.fromEntries(topics.map((topic) => [topic, { fromBeginning: true }])),
    assigners: [assigner],
    retry: { retries: 5, initialRetryTime: 100 },
    sessionTimeout,
    rebalanceTimeout: Math.max(60_000, sessionTimeout),
    minBytes: 1,
    maxBytes: MAX_BYTES,
    maxBytesPerPartition: MAX_BYTES / 4,
    maxWaitTimeInMs: MAX_WAIT_MS,
    instrumentationEmitter: { emit() {} },
    isolationLevel: 1,
    autoCommit: false,
    rackId: '',
    metadataMaxAge: METADATA_AGE_MS,
  })
  // By itself it would join again without asking, or commit another place (K-9).
  group.recoverFromFetch = (error) => Promise.reject(error)
  return { group, cluster, handle }
}

/** Of what one fetch may hold: else it is full before it gets to the last of many partitions, and they starve. */
function shareOf(partitions: number): number {
  return Math.max(MIN_BYTES, Math.floor(MAX_BYTES / Math.max(4, partitions)))
}

function mergeTopics<T>(entries: readonly { topic: string; partitions: T[] }[]): { topic: string; partitions: T[] }[] {
  const merged = new Map<string, T[]>()
  for (const { topic, partitions } of entries) merged.set(topic, [...(merged.get(topic) ?? []), ...partitions])
  return [...merged].map(([topic, partitions]) => ({ topic, partitions }))
}

/** What one fetch may hold in memory. */
const MAX_BYTES = 4 * 1024 * 1024
const MIN_BYTES = 64 * 1024
/** How long a broker waits for news. All else that is asked of it waits behind, so it is short. */
const MAX_WAIT_MS = 250
const METADATA_AGE_MS = 60_000
const RETRY_MS = 200
const LAST_ATTEMPTS = 10
const LEAVE_MS = 2000
