import { type Clock, type Logger, type Notifier, StreamrunError } from '../../../../engine/plugin.ts'
import type { EmbeddedConsumer } from './consumer.ts'
import { topicFault } from './faults.ts'
import { Group } from './group.ts'
import type { Ledger } from './ledger.ts'
import type { Partition } from './partition.ts'
import type { EmbeddedProducer } from './producer.ts'
import type { Topics } from './topics.ts'
import type { EmbeddedTransactional } from './transactional.ts'

/** `owner`: who it is, for people. */
export type Writer = EmbeddedProducer | EmbeddedTransactional

/** What all clients of one folder share. */
export class Shared {
  readonly clock: Clock
  readonly log: Logger
  readonly ledger: Ledger
  readonly topics: Topics
  readonly maxRecordBytes: number
  /** Told when there may be something to read, to cover, or to end for. */
  readonly changed: Notifier
  readonly consumers = new Set<EmbeddedConsumer>()
  readonly #groups = new Map<string, Group>()
  /** Topic -> who may write to it. */
  readonly #writers = new Map<string, Set<Writer>>()
  readonly #transactional = new Map<string, EmbeddedTransactional>()

  constructor(parts: Pick<Shared, 'clock' | 'log' | 'ledger' | 'topics' | 'maxRecordBytes' | 'changed'>) {
    this.clock = parts.clock
    this.log = parts.log
    this.ledger = parts.ledger
    this.topics = parts.topics
    this.maxRecordBytes = parts.maxRecordBytes
    this.changed = parts.changed
  }

  group(name: string): Group {
    const group = this.#groups.get(name) ?? new Group()
    this.#groups.set(name, group)
    return group
  }

  groupsWithMembers(): string[] {
    return [...this.#groups].filter(([, group]) => group.hasMembers).map(([name]) => name)
  }

  /** One writer for each topic: two could not be taken back apart. Those with transactions can, and may be several. */
  hold(topic: string, writer: Writer): void {
    const holders = this.#writers.get(topic) ?? new Set()
    const other = [...holders].find((one) => one !== writer && !(one.isTransactional && writer.isTransactional))
    if (other !== undefined) throw twoWriters(topic, other.owner, writer.owner)
    this.#writers.set(topic, holders.add(writer))
  }

  release(writer: Writer): void {
    for (const [topic, holders] of this.#writers) {
      holders.delete(writer)
      if (holders.size === 0) this.#writers.delete(topic)
    }
    this.changed.notify()
  }

  hasWriter(topic: string): boolean {
    return this.#writers.has(topic)
  }

  /** The transactional id is this producer's from now on; resolves when the one before can do nothing any more. */
  async claim(id: string, producer: EmbeddedTransactional): Promise<void> {
    const before = this.#transactional.get(id)
    this.#transactional.set(id, producer)
    await before?.fence(`another writer has the transactional id ${id} now`)
  }

  giveBack(id: string, producer: EmbeddedTransactional): void {
    if (this.#transactional.get(id) === producer) this.#transactional.delete(id)
  }

  /** Makes room for retention and compaction; nobody can take back what goes. */
  async tidy(partition: Partition): Promise<void> {
    const gone = await partition.expire(this.clock.now())
    await partition.compact(this.clock.now())
    if (gone === 0) return
    const { topic, partition: number, earliest } = partition
    await this.ledger.transactions.forgetAborted(partition.key, earliest)
    this.log.info(`retention removed ${gone} records of ${partition.key}`, { topic, partition: number, earliest })
  }

  /** Whoever reads or writes it fails from now on. */
  async deleteTopic(topic: string): Promise<boolean> {
    const partitions = await this.topics.find(topic)
    if (partitions === undefined) return false
    const fault = topicFault(`the topic ${topic} was deleted`)
    for (const writer of this.#writers.get(topic) ?? []) writer.forget(partitions)
    for (const consumer of this.consumers) {
      if (consumer.partitions.some((partition) => partition.topic === topic)) consumer.fail(fault)
    }
    return this.topics.delete(topic)
  }
}

function twoWriters(topic: string, holder: string, other: string): StreamrunError {
  const message = `${holder} writes to the topic ${topic}, so ${other} cannot: an embedded topic has one writer`
  return new StreamrunError('SR_TWO_WRITERS', message)
}
