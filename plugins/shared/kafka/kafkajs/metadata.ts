import type { Admin, ITopicMetadata } from 'kafkajs'
import { type Clock, RetryableError, sleep } from '../../../../engine/plugin.ts'
import type { OffsetRange, TopicInfo, TopicOffset, TopicSettings } from '../port.ts'
import { faultOf, isTimeout, kindOf, offsetsFault, topicFault } from './faults.ts'

/** Topics, their offsets, and what groups have committed. */
export class Metadata {
  readonly #admin: Admin
  readonly #clock: Clock
  /** Topics that were there: asking for the offsets of another one would ask for it with every request from then on. */
  readonly #known = new Set<string>()

  #reconnecting: Promise<void> | undefined

  constructor(admin: Admin, clock: Clock) {
    this.#admin = admin
    this.#clock = clock
  }

  async topics(names?: readonly string[]): Promise<readonly TopicInfo[]> {
    const { topics } = await this.#try(() => this.#admin.fetchTopicMetadata())
    const wanted = topics.filter(({ name }) => (names === undefined ? !name.startsWith('__') : names.includes(name)))
    for (const { name } of wanted) this.#known.add(name)
    const minimums = await this.#minInSyncReplicas(wanted.map(({ name }) => name))
    return wanted.map((topic) => infoOf(topic, minimums.get(topic.name)))
  }

  async createTopic(name: string, settings: TopicSettings): Promise<boolean> {
    checkName(name)
    const { partitions, replicationFactor = BROKERS_SETTING, retentionBytes, retentionMs } = settings
    const entries = {
      'retention.bytes': retentionBytes,
      'retention.ms': retentionMs,
      'cleanup.policy': settings.cleanup,
      'delete.retention.ms': settings.tombstoneMs,
    }
    const configEntries = Object.entries(entries).flatMap(([key, value]) =>
      value === undefined ? [] : [{ name: key, value: String(value) }],
    )
    const topic = { topic: name, numPartitions: partitions, replicationFactor, configEntries }
    const isNew = await this.#try(() => this.#admin.createTopics({ topics: [topic], waitForLeaders: false }))
    // Other brokers, or this one, may hear of it a little later.
    await this.#try(async () => {
      if ((await this.topics([name])).length === 0) throw new RetryableError(`the topic ${name} is not known yet`)
    })
    return isNew
  }

  async deleteTopic(name: string): Promise<boolean> {
    if ((await this.topics([name])).length === 0) return false
    await this.#try(() => this.#admin.deleteTopics({ topics: [name] }))
    this.#known.delete(name)
    // As with a new one.
    await this.#try(async () => {
      if ((await this.topics([name])).length > 0) throw new RetryableError(`the topic ${name} is still known`)
    })
    return true
  }

  async deleteRecords(before: readonly TopicOffset[]): Promise<void> {
    for (const topic of new Set(before.map((place) => place.topic))) {
      const ranges = await this.offsets(topic)
      const partitions = before.filter((place) => place.topic === topic)
      for (const { partition, offset } of partitions) {
        const { earliest, latest } = ranges[partition] ?? { earliest: 0, latest: 0 }
        if (offset <= latest) continue
        throw offsetsFault(`${topic}/${partition} holds offsets ${earliest} to ${latest}; there is no ${offset}`)
      }
      const places = partitions.map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      await this.#try(() => this.#admin.deleteTopicRecords({ topic, partitions: places }))
    }
  }

  async offsets(topic: string): Promise<readonly OffsetRange[]> {
    await this.#mustKnow(topic)
    const found = await this.#try(() => this.#admin.fetchTopicOffsets(topic))
    return byPartition(found).map(({ low, high }) => ({ earliest: Number(low), latest: Number(high) }))
  }

  async offsetsAt(topic: string, timestamp: number): Promise<readonly number[]> {
    await this.#mustKnow(topic)
    const found = await this.#try(() => this.#admin.fetchTopicOffsetsByTimestamp(topic, timestamp))
    return byPartition(found).map(({ offset }) => Number(offset))
  }

  async groups(): Promise<readonly string[]> {
    const { groups } = await this.#try(() => this.#admin.listGroups())
    const ours = groups.filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '')
    return ours.map(({ groupId }) => groupId).sort()
  }

  async committed(group: string, topic: string): Promise<readonly (number | undefined)[]> {
    await this.#mustKnow(topic)
    const [found] = await this.#try(() => this.#admin.fetchOffsets({ groupId: group, topics: [topic] }))
    const offsets = byPartition(found?.partitions ?? []).map(({ offset }) => Number(offset))
    return offsets.map((offset) => (offset < 0 ? undefined : offset))
  }

  async #mustKnow(topic: string): Promise<void> {
    if (this.#known.has(topic) || (await this.topics([topic])).length > 0) return
    throw topicFault(`there is no topic ${topic}`)
  }

  /** None where they may not be asked for. */
  async #minInSyncReplicas(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    if (topics.length === 0) return new Map()
    const resources = topics.map((name) => ({ type: TOPIC, name, configNames: ['min.insync.replicas'] }))
    const described = await this.#admin.describeConfigs({ resources, includeSynonyms: false }).catch(() => undefined)
    const entries = described?.resources.map(
      ({ resourceName, configEntries }) => [resourceName, Number(configEntries[0]?.configValue)] as const,
    )
    return new Map(entries?.filter(([, minimum]) => minimum > 0))
  }

  async #reconnect(): Promise<void> {
    this.#reconnecting ??= this.#admin
      .disconnect()
      .then(() => this.#admin.connect())
      .catch(() => {})
      .finally(() => {
        this.#reconnecting = undefined
      })
    await this.#reconnecting
  }

  /** Brokers come and go, and leaders move: a while of that is no fault. */
  async #try<T>(call: () => Promise<T>): Promise<T> {
    const deadline = this.#clock.monotonic() + PATIENCE_MS
    for (;;) {
      try {
        return await call()
      } catch (error) {
        const fault = faultOf(error)
        if (!(fault instanceof RetryableError) || this.#clock.monotonic() > deadline) throw fault
        if (!PASSING.has(kindOf(error)) && !isNoAnswer(error)) throw fault
        if (isTimeout(error)) await this.#reconnect()
        await sleep(this.#clock, 100)
      }
    }
  }
}

const BROKERS_SETTING = -1
/** The number that the protocol has for a topic. */
const TOPIC = 2
const PATIENCE_MS = 15_000

const PASSING = new Set([
  'RetryableError',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_CONTROLLER',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'GROUP_LOAD_IN_PROGRESS',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'COORDINATOR_NOT_AVAILABLE',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSRequestTimeoutError',
  'KafkaJSGroupCoordinatorNotFound',
])

/** kafkajs reads an answer that it did not get from any broker. */
function isNoAnswer(error: unknown): boolean {
  return error instanceof TypeError || (error as { cause?: unknown }).cause instanceof TypeError
}

function infoOf({ name, partitions }: ITopicMetadata, minInSyncReplicas: number | undefined): TopicInfo {
  const replicationFactor = Math.min(...partitions.map(({ replicas }) => replicas.length))
  return { name, partitions: partitions.length, replicationFactor, minInSyncReplicas }
}

function checkName(name: string): void {
  if (/^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..') return
  throw topicFault(`no topic can have the name ${JSON.stringify(name)}`)
}

function byPartition<T extends { readonly partition: number }>(found: readonly T[]): readonly T[] {
  return [...found].sort((a, b) => a.partition - b.partition)
}
