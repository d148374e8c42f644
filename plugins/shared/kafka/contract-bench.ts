import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import { ContractReader, type ReaderOptions } from './contract-reader.ts'
import type { Kafka, Producer, ProducerColumns, ProducerRecord, TopicSettings, TransactionalProducer } from './port.ts'

/** What the contract is tried on. */
export interface KafkaFixture {
  /** A client, the same topics for all of them; closed by the suite. */
  open(): Promise<Kafka>
  /** Bytes of a value that is refused, and so large that nothing else is; left out: there is no limit to try. */
  readonly tooLarge?: number
  /** Bytes of records that all clients together have taken from the topics so far; left out: it cannot be told. */
  readonly fetched?: () => number
  /** Milliseconds that a condition may take to come true; 30 s when left out. */
  readonly patience?: number
}

/** What one clause works with: a topic and a group of its own. */
export class KafkaBench {
  readonly fixture: KafkaFixture
  readonly kafka: Kafka
  readonly topic = `contract-${randomUUID()}`
  readonly group = `group-${randomUUID()}`
  readonly #clients: Kafka[]
  readonly #readers: ContractReader[] = []
  #producer: Producer | undefined

  constructor(fixture: KafkaFixture, kafka: Kafka) {
    this.fixture = fixture
    this.kafka = kafka
    this.#clients = [kafka]
  }

  static async use(fixture: KafkaFixture, check: (bench: KafkaBench) => Promise<void>): Promise<void> {
    const bench = new KafkaBench(fixture, await fixture.open())
    try {
      await check(bench)
    } finally {
      await bench.#close()
    }
  }

  async create(partitions: number, settings: Partial<TopicSettings> = {}): Promise<void> {
    expect(await this.kafka.createTopic(this.topic, { partitions, retentionMs: FOR_EVER, ...settings })).toBe(true)
  }

  /** With a client of its own, as another process; without an id it has one that nobody else has. */
  async transactional(id = `transactions-${randomUUID()}`, timeoutMs = 60_000): Promise<TransactionalProducer> {
    const client = await this.fixture.open()
    this.#clients.push(client)
    const signal = new AbortController().signal
    return client.transactional({ id, timeoutMs, compression: 'none', signal })
  }

  /** One transaction, committed, of values in partition 0. */
  async commitValues(...values: string[]): Promise<void> {
    const producer = await this.transactional()
    const transaction = await producer.begin()
    await transaction.send(
      this.topic,
      0,
      values.map((value) => record(value)),
    )
    await transaction.commit()
    await producer.close()
  }

  /** What can be read of partition 0 from an offset on, up to where it ends now: offsets and values. */
  async valuesFrom(offset: number): Promise<string[]> {
    const [range] = await this.kafka.offsets(this.topic)
    const reader = await this.reader({ begin: (partition) => (partition === 0 ? offset : 0) })
    const read = offset < (range?.latest ?? 0) ? await reader.readTo(0, range?.latest ?? 0) : []
    await reader.close()
    return read.filter(({ partition }) => partition === 0).map(({ offset: at, value }) => `${at} ${value}`)
  }

  /** Takes one step after the other until one says that it was enough; the test's own timeout is the deadline. */
  async repeat(step: () => Promise<boolean>): Promise<void> {
    while (!(await step()));
  }

  send(partition: number, ...records: ProducerRecord[]): Promise<void> {
    return this.sendAgain(partition, records)
  }

  /** The same array again is the same call again. */
  async sendAgain(partition: number, records: readonly ProducerRecord[]): Promise<void> {
    await (await this.producer()).send(this.topic, partition, records)
  }

  /** False: the client has no such way. */
  async sendColumns(partition: number, columns: ProducerColumns): Promise<boolean> {
    const producer = await this.producer()
    await producer.sendColumns?.(this.topic, partition, columns)
    return producer.sendColumns !== undefined
  }

  async producer(): Promise<Producer> {
    const signal = new AbortController().signal
    this.#producer ??= await this.kafka.producer({ compression: 'none', owner: 'contract/sink', signal })
    return this.#producer
  }

  /** Its own client: members of a group are mostly in several processes. */
  async reader(options: ReaderOptions = {}): Promise<ContractReader> {
    const client = await this.fixture.open()
    this.#clients.push(client)
    const reader = await ContractReader.open(client, { topics: [this.topic], ...options })
    this.#readers.push(reader)
    return reader
  }

  until(condition: () => boolean | Promise<boolean>): Promise<unknown> {
    return vi.waitUntil(condition, { timeout: this.fixture.patience ?? 30_000, interval: 20 })
  }

  /** Until these members have these partitions among them, each one's own. */
  async untilShared(partitions: number, ...members: ContractReader[]): Promise<void> {
    const all = () => members.flatMap((member) => [...member.owned])
    await this.until(() => all().length === partitions && members.every(({ owned }) => owned.size > 0))
    expect(new Set(all()).size).toBe(partitions)
  }

  /** No writer holds the topic any more. */
  async closeProducer(): Promise<void> {
    await this.#producer?.close()
    this.#producer = undefined
  }

  async #close(): Promise<void> {
    for (const reader of this.#readers) await reader.close()
    await this.closeProducer()
    for (const client of this.#clients.reverse()) await client.close()
  }
}

/** The times of the records are long past. */
const FOR_EVER = 1e14

export function record(value: string | null, parts: Partial<ProducerRecord> = {}): ProducerRecord {
  return { key: null, value: value === null ? null : Buffer.from(value), timestamp: 1000, headers: [], ...parts }
}

/** `from` to `to`, `to` not among them, as records. */
export function numbered(from: number, to: number): ProducerRecord[] {
  return Array.from({ length: to - from }, (_, index) => record(String(from + index)))
}
