import type { Producer as Sender, Transaction as Sending } from 'kafkajs'
import { type Clock, messageOf, RetryableError, StreamrunError, sleep } from '../../../../engine/plugin.ts'
import {
  type Consumer,
  type ProducerRecord,
  RefusedRecords,
  type TopicOffset,
  type Transaction,
  type TransactionalProducer,
  type TransactionalSettings,
} from '../port.ts'
import { KafkaJsConsumer } from './consumer.ts'
import { faultOf, fencedFault, kindOf } from './faults.ts'
import type { Library } from './library.ts'
import { loadOf, refusePortion } from './load.ts'
import { messageFrom, partitionOf } from './messages.ts'
import type { KafkaJsSettings } from './settings.ts'
import type { Writers } from './writers.ts'

/**
 * A client of its own for each (K-7), one request at a time, and nothing that may have arrived is sent again (K-4, K-6):
 * whoever gets an error opens a new producer with the same id.
 */
export class KafkaJsTransactional implements TransactionalProducer {
  readonly #sender: Sender
  readonly #settings: TransactionalSettings
  readonly #compression: number
  readonly #clock: Clock
  readonly #writers: Writers
  /** Begun at once: only then does kafkajs take the id from whoever had it (K-2). */
  #begun: Sending | undefined
  #open: KafkaJsTransaction | undefined

  constructor(library: Library, settings: TransactionalSettings, { clock, writers }: KafkaJsSettings) {
    this.#settings = settings
    this.#compression = settings.compression === 'gzip' ? library.gzip : 0
    this.#clock = clock
    this.#writers = writers
    this.#sender = library.client().producer({
      transactionalId: settings.id,
      transactionTimeout: settings.timeoutMs,
      // Transactions are idempotent all the same, and without retries only so (K-6).
      idempotent: false,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionOf,
      retry: { retries: 0 },
    })
  }

  /** Waits, as long as a transaction may take, for one that is being ended. */
  async open(): Promise<void> {
    await this.#patiently(IS_PASSING, async () => {
      await this.#sender.connect()
      this.#begun = await this.#sender.transaction()
    })
  }

  async begin(): Promise<Transaction> {
    if (this.#open?.isOpen) throw new StreamrunError('SR_DEFECT', `${this.#settings.id} has a transaction open already`)
    const sending = this.#begun ?? (await orFenced(this.#settings.id, this.#sender.transaction()))
    this.#begun = undefined
    const patiently: Patiently = (call) => this.#patiently(IS_UNDONE, call)
    const writes = (topic: string) => this.#writers.add(this, topic)
    this.#open = new KafkaJsTransaction(sending, this.#settings.id, this.#compression, patiently, writes)
    return this.#open
  }

  async close(): Promise<void> {
    if (this.#open?.isOpen) await this.#open.abort().catch(() => {})
    this.#writers.remove(this)
    await this.#sender.disconnect().catch(() => {})
  }

  /** Tries again what was refused before anything was done. */
  async #patiently<T>(isPassing: (kind: string, error: unknown) => boolean, call: () => Promise<T>): Promise<T> {
    const { timeoutMs, signal, id } = this.#settings
    const deadline = this.#clock.monotonic() + timeoutMs
    for (;;) {
      try {
        return await call()
      } catch (error) {
        const isLate = signal.aborted || this.#clock.monotonic() > deadline
        if (isLate || !isPassing(kindOf(error), error)) throw transactionFault(id, error)
        await sleep(this.#clock, RETRY_MS, signal)
      }
    }
  }
}

/** Tries a call again while it is refused, and nothing was done. */
type Patiently = <T>(call: () => Promise<T>) => Promise<T>

class KafkaJsTransaction implements Transaction {
  readonly #sending: Sending
  readonly #id: string
  readonly #compression: number
  readonly #patiently: Patiently
  readonly #writes: (topic: string) => void
  #calls: Promise<unknown> = Promise.resolve()
  #isBroken = false
  isOpen = true

  constructor(
    sending: Sending,
    id: string,
    compression: number,
    patiently: Patiently,
    writes: (topic: string) => void,
  ) {
    this.#sending = sending
    this.#id = id
    this.#compression = compression
    this.#patiently = patiently
    this.#writes = writes
  }

  send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    const compression = this.#compression
    this.#writes(topic)
    return this.#call(async () => {
      const load = loadOf(records)
      for (let portion = load.left.shift(); portion !== undefined; portion = load.left.shift()) {
        const messages = records.slice(portion.from, portion.to).map((record) => messageFrom(record, partition))
        try {
          await this.#patiently(() => this.#sending.send({ topic, messages, acks: -1, compression }))
        } catch (error) {
          const left = refusePortion(load, portion, error)
          if (left === undefined) throw error
          load.left.unshift(...left)
        }
      }
      return load.refused
    }).then((refused) => {
      if (refused.size > 0) throw new RefusedRecords(refused)
    })
  }

  /** Kafka is told the group, not the generation, which this version of the protocol does not know: it is looked at here. */
  sendOffsets(consumer: Consumer, offsets: readonly TopicOffset[]): Promise<void> {
    return this.#call(async () => {
      if (!(consumer instanceof KafkaJsConsumer) || consumer.group === undefined) {
        throw new StreamrunError('SR_DEFECT', 'positions are those of a member of a group of this cluster')
      }
      const { group } = consumer
      const [foreign] = consumer.foreign(offsets)
      if (foreign !== undefined) throw fencedFault(`${foreign} went to another member of the group ${group}`)
      await this.#patiently(() => this.#sending.sendOffsets({ consumerGroupId: group, topics: byTopic(offsets) }))
    })
  }

  commit(): Promise<void> {
    return this.#call(async () => {
      await orFenced(this.#id, this.#sending.commit())
      this.isOpen = false
    })
  }

  /** What has failed on its way may still be aborted; what failed to be committed or aborted may not. */
  async abort(): Promise<void> {
    await this.#calls
    if (!this.isOpen) throw new StreamrunError('SR_DEFECT', `the transaction of ${this.#id} is not open any more`)
    await orFenced(this.#id, this.#sending.abort())
    this.isOpen = false
  }

  #call<T>(work: () => Promise<T>): Promise<T> {
    const call = this.#calls.then(async () => {
      if (this.#isBroken || !this.isOpen) {
        throw new StreamrunError('SR_DEFECT', `the transaction of ${this.#id} is not open any more`)
      }
      return work()
    })
    this.#calls = call.catch(() => {
      this.#isBroken = true
    })
    return call
  }
}

/** The brokers have said that they did nothing: another one leads, or the transaction before is still being ended. */
const IS_UNDONE = (kind: string) => UNDONE.has(kind)

const UNDONE = new Set([
  'CONCURRENT_TRANSACTIONS',
  'NOT_LEADER_FOR_PARTITION',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'KafkaJSMetadataNotLoaded',
])

/** What may pass before there is anything to lose. */
const IS_PASSING = (_: string, error: unknown) => !isFenced(error) && !(faultOf(error) instanceof StreamrunError)

const RETRY_MS = 20

function orFenced<T>(id: string, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw transactionFault(id, error)
  })
}

function transactionFault(id: string, error: unknown): Error {
  if (error instanceof RetryableError) return error
  return isFenced(error)
    ? fencedFault(`another writer has the transactional id ${id} now: ${messageOf(error)}`)
    : faultOf(error)
}

function isFenced(error: unknown): boolean {
  return FENCED.has(kindOf(error))
}

/** Somebody else has the id now, or the transaction took too long and the brokers have aborted it. */
const FENCED = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'INVALID_TXN_STATE',
])

function byTopic(offsets: readonly TopicOffset[]) {
  const topics = new Map<string, { partition: number; offset: string }[]>()
  for (const { topic, partition, offset } of offsets) {
    topics.set(topic, [...(topics.get(topic) ?? []), { partition, offset: String(offset) }])
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
