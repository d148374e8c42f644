import { randomUUID } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import { record } from '../../plugins/shared/kafka/contract-bench.ts'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { until } from '../streamrun.ts'
import { clientOf, isRead } from './client.ts'
import { PipelineProcess } from './pipeline-process.ts'

const SESSION_MS = 6000
const PARTITIONS = 2

it.each(Object.entries(inject('brokers')))(
  'a process that Apache Kafka %s takes for dead, and that goes on, loses nothing and doubles only what it had not committed (KA-04, K-12)',
  async (_, { plain }) => {
    const topic = `zombie-${randomUUID()}`
    const kafka = await clientOf(plain)
    await kafka.createTopic(topic, { partitions: PARTITIONS })
    const text = readerOf(topic)
    const [zombie, heir] = [new PipelineProcess(plain, text), new PipelineProcess(plain, text)]
    try {
      const feed = new Feed(kafka, topic)
      await feed.send(3000)
      zombie.start()
      await until(() => zombie.lines.length > 100)
      // It is stopped with more on its way than it has written.
      const sending = feed.send(3000)
      zombie.signal('SIGSTOP')
      const stoppedAt = performance.now()
      await sending
      const committed = (await kafka.committed(topic, topic)).map((offset) => offset ?? 0)
      heir.start()
      await until(async () => isRead(await kafka.committed(topic, topic), await kafka.offsets(topic)))
      await until(() => performance.now() - stoppedAt > 2 * SESSION_MS)
      zombie.signal('SIGCONT')
      await feed.send(3000)
      await until(async () => isRead(await kafka.committed(topic, topic), await kafka.offsets(topic)))
      await zombie.stop()
      await heir.stop()
      const all = [...zombie.lines, ...heir.lines]
      expect(new Set(all)).toEqual(new Set(feed.sent))
      for (const line of all.filter((one, index) => all.indexOf(one) !== index)) {
        const { partition, offset } = JSON.parse(line) as { partition: number; offset: number }
        expect(offset).toBeGreaterThanOrEqual(committed[partition] ?? 0)
      }
    } finally {
      zombie.signal('SIGKILL')
      heir.signal('SIGKILL')
      await kafka.close()
    }
  },
)

/** Sends records that say where they stand. */
class Feed {
  readonly sent: string[] = []
  readonly #kafka: Kafka
  readonly #topic: string
  #next = 0

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka
    this.#topic = topic
  }

  /** To each partition. */
  async send(count: number): Promise<void> {
    const signal = new AbortController().signal
    const producer = await this.#kafka.producer({ compression: 'none', owner: 'feed', signal })
    const from = this.#next
    this.#next += count
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const values = Array.from({ length: count }, (_, n) => `{"partition":${partition},"offset":${from + n}}`)
      await producer.send(
        this.#topic,
        partition,
        values.map((value) => record(value, { timestamp: Date.now() })),
      )
      this.sent.push(...values)
    }
    await producer.close()
  }
}

/** Reads the topic as a member of the group of the same name. */
const readerOf = (topic: string) => `name: read
checkpoint: { interval: 100ms }
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}', session_timeout: ${SESSION_MS}ms } }
sources: { in: { type: kafka, topics: ${topic}, group: ${topic} } }
sinks: { out: { type: file, path: out.ndjson } }
`
