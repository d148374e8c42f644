import type { Producer as Sender } from 'kafkajs'
import { retryable } from '../../../../engine/plugin.ts'
import { type Producer, type ProducerRecord, type ProducerSettings, RefusedRecords } from '../port.ts'
import { faultOf, isTimeout, kindOf } from './faults.ts'
import type { Library } from './library.ts'
import { type Load, loadOf, refusePortion } from './load.ts'
import { messageFrom, partitionOf } from './messages.ts'
import type { Portion } from './portions.ts'
import type { Writers } from './writers.ts'

/**
 * One idempotent producer with one request under way: with several, kafkajs loses and doubles records when responses
 * are lost. What failed is sent again as the same batch, with the same sequence numbers, so that a broker that has
 * taken it already knows it; the caller decides for how long, by calling again.
 */
export class KafkaJsProducer implements Producer {
  readonly #library: Library
  readonly #settings: ProducerSettings
  readonly #writers: Writers
  #sender: Promise<Sender> | undefined
  /** The call that is under way. */
  #sending: Promise<unknown> = Promise.resolve()
  /** What failed and will be sent again, by topic and partition. */
  readonly #unsettled = new Map<string, Load>()
  #isClosed = false

  constructor(library: Library, settings: ProducerSettings, writers: Writers) {
    this.#library = library
    this.#settings = settings
    this.#writers = writers
    for (const topic of settings.topics ?? []) writers.add(this, topic)
  }

  async connect(): Promise<void> {
    await this.#connected()
  }

  send(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    this.#writers.add(this, topic)
    const sent = this.#sending.then(() => this.#sendNow(topic, partition, records))
    this.#sending = sent.catch(() => {})
    return sent
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#writers.remove(this)
    await this.#sending
    await this.#discard()
  }

  async #sendNow(topic: string, partition: number, records: readonly ProducerRecord[]): Promise<void> {
    const name = `${topic}/${partition}`
    const load = await this.#loadOf(name, records)
    this.#unsettled.set(name, load)
    for (let portion = load.left[0]; portion !== undefined; portion = load.left[0]) {
      if (this.#settings.signal.aborted) throw retryable('stopped while records were on their way to Kafka')
      load.left.splice(0, 1, ...(await this.#write(topic, partition, load, portion)))
    }
    this.#unsettled.delete(name)
    if (load.refused.size > 0) throw new RefusedRecords(load.refused)
  }

  /** The same records again: what is left of them, divided as before. */
  async #loadOf(name: string, records: readonly ProducerRecord[]): Promise<Load> {
    const unsettled = this.#unsettled.get(name)
    if (unsettled?.records === records) return unsettled
    // A broker that has taken what failed would take other records with the same numbers for it.
    if (unsettled !== undefined) await this.#discard()
    return loadOf(records)
  }

  /** Gives what is left to write of the portion: nothing, or its halves. */
  async #write(topic: string, partition: number, load: Load, portion: Portion): Promise<readonly Portion[]> {
    const records = load.records.slice(portion.from, portion.to)
    const messages = records.map((record) => messageFrom(record, partition))
    const compression = this.#settings.compression === 'gzip' ? this.#library.gzip : 0
    try {
      const sender = await this.#connected()
      await sender.send({ topic, messages, acks: -1, compression })
      return []
    } catch (error) {
      const left = refusePortion(load, portion, error)
      if (left !== undefined) return left
      if (BROKEN.has(kindOf(error))) await this.#discard()
      else if (isTimeout(error)) await this.#reconnect()
      throw faultOf(error)
    }
  }

  #connected(): Promise<Sender> {
    this.#sender ??= this.#connect()
    return this.#sender
  }

  async #connect(): Promise<Sender> {
    const sender = this.#library.client().producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => partitionOf,
      retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 1000 },
    })
    try {
      await sender.connect()
      return sender
    } catch (error) {
      this.#sender = undefined
      await sender.disconnect().catch(() => {})
      throw error
    }
  }

  /** By new connections, as the same producer: what it had sent before is still known to be its own. */
  async #reconnect(): Promise<void> {
    const sender = await this.#sender
    await sender
      ?.disconnect()
      .then(() => sender.connect())
      .catch(() => {})
  }

  /** The next one has another id: nothing that this one sent is known to it, and some of it may come twice. */
  async #discard(): Promise<void> {
    const sender = this.#sender
    this.#sender = undefined
    this.#unsettled.clear()
    await (await sender?.catch(() => undefined))?.disconnect().catch(() => {})
  }
}

/** The broker and the producer do not agree on what was sent before (K-4, K-5). */
const BROKEN = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
  'DUPLICATE_SEQUENCE_NUMBER',
])
