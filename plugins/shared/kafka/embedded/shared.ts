import { type Clock, type Logger, type Notifier, StreamrunError } from '../../../../engine/plugin.ts'
import type { EmbeddedConsumer } from './consumer.ts'
import { Group } from './group.ts'
import type { Ledger } from './ledger.ts'
import type { EmbeddedProducer } from './producer.ts'
import type { Topics } from './topics.ts'

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
  /** Topic -> the one who may write to it. */
  readonly #writers = new Map<string, EmbeddedProducer>()

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

  /** One writer for each topic: two could not be taken back apart. */
  hold(topic: string, writer: EmbeddedProducer): void {
    const holder = this.#writers.get(topic) ?? writer
    if (holder !== writer) throw twoWriters(topic, holder.owner, writer.owner)
    this.#writers.set(topic, writer)
  }

  release(writer: EmbeddedProducer): void {
    for (const [topic, holder] of this.#writers) if (holder === writer) this.#writers.delete(topic)
    this.changed.notify()
  }

  hasWriter(topic: string): boolean {
    return this.#writers.has(topic)
  }
}

function twoWriters(topic: string, holder: string, other: string): StreamrunError {
  const message = `${holder} writes to the topic ${topic}, so ${other} cannot: an embedded topic has one writer`
  return new StreamrunError('SR_TWO_WRITERS', message)
}
