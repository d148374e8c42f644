import { randomUUID } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import { record } from '../../plugins/shared/kafka/contract-bench.ts'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { until } from '../streamrun.ts'
import { clientOf } from './client.ts'
import { PipelineProcess } from './pipeline-process.ts'

const SESSION_MS = 6000
const PARTITIONS = 2
/** Records of one partition in one window. */
const PER_WINDOW = 1000

it.each(Object.entries(inject('brokers')))(
  'of two processes that count in windows one reads all of a topic of Apache Kafka %s and the other stands by; who was taken for dead ends, starts again from its own checkpoint, and every window is whole',
  async (_, { plain }) => {
    const topic = `standby-${randomUUID()}`
    const kafka = await clientOf(plain)
    await kafka.createTopic(topic, { partitions: PARTITIONS, retentionMs: 1e14 })
    const text = counterOf(topic)
    const [first, second] = [new PipelineProcess(plain, text), new PipelineProcess(plain, text)]
    try {
      await feed(kafka, topic, 0, 3500)
      first.start()
      await first.comesTo(() => windowsOf(first).length >= 2)
      second.start()
      await second.comesTo(() => second.said.includes('stands by'))

      first.signal('SIGSTOP')
      const stoppedAt = performance.now()
      await feed(kafka, topic, 3500, 5500)
      await second.comesTo(() => windowsOf(second).length > 0)
      expect(second.said).toContain('without a state of its own')
      await until(() => performance.now() - stoppedAt > 2 * SESSION_MS)
      first.signal('SIGCONT')
      expect(await first.ended).toMatchObject({ code: 75, stderr: expect.stringContaining('SR_KAFKA_TAKEN_OVER') })

      first.start()
      await first.comesTo(() => first.said.includes('stands by'))
      await second.kill()
      await feed(kafka, topic, 5500, 7500)
      await first.comesTo(() => windowsOf(first).length >= 7)
      first.signal('SIGTERM')
      expect(await first.ended).toMatchObject({ code: 0 })
      const whole = Array.from({ length: 7 }, () => PARTITIONS * PER_WINDOW)
      expect(windowsOf(first).map(({ count }) => count)).toEqual(whole)
      expect(new Set(windowsOf(first).map(({ window_start }) => window_start)).size).toBe(7)
    } finally {
      first.signal('SIGKILL')
      second.signal('SIGKILL')
      await kafka.close()
    }
  },
)

/** Sends to each partition the records from one number to another, 10 ms of their own time apart. */
async function feed(kafka: Kafka, topic: string, from: number, to: number): Promise<void> {
  const producer = await kafka.producer({ compression: 'none', owner: 'feed', signal: new AbortController().signal })
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const values = Array.from({ length: to - from }, (_, index) => `{"time":${(from + index) * 10}}`)
    await producer.send(
      topic,
      partition,
      values.map((value) => record(value, { timestamp: Date.now() })),
    )
  }
  await producer.close()
}

interface Window {
  readonly window_start: string
  readonly count: number
}

/** What a process has counted, window by window. */
function windowsOf({ lines }: PipelineProcess): Window[] {
  return lines.map((line) => JSON.parse(line) as Window)
}

/** Counts the records of the topic in windows of 10 s. */
const counterOf = (topic: string) => `name: count
checkpoint: { interval: 100ms }
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}', session_timeout: ${SESSION_MS}ms } }
sources:
  in: { type: kafka, topics: ${topic}, group: ${topic}, timestamp: { from: time, format: epoch_ms } }
processors:
  counted: { type: window, every: 10s, aggregate: { count: $count($) } }
sinks:
  out: { type: file, path: out.ndjson }
`
