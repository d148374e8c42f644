import { describe, expect, inject, it } from 'vitest'
import { record } from '../../plugins/shared/kafka/contract-bench.ts'
import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import { until } from '../streamrun.ts'
import { clientOf, isRead } from './client.ts'
import { PipelineProcess } from './pipeline-process.ts'

const PARTITIONS = 4
const TOPIC = 'shared'

const PIPELINE = `name: share
checkpoint: { interval: 100ms }
connections: { shop: { type: kafka, brokers: '\${KAFKA_BROKERS}', session_timeout: 6s } }
sources: { in: { type: kafka, topics: ${TOPIC}, group: sharers } }
sinks: { out: { type: file, path: out.ndjson } }
`

describe.each(Object.entries(inject('brokers')))('Apache Kafka %s', (_, { plain }) => {
  it('two processes share the partitions: nothing is lost as one comes, is killed, comes again and goes, and little comes twice', async () => {
    const kafka = await clientOf(plain)
    await kafka.createTopic(TOPIC, { partitions: PARTITIONS })
    const stop = new AbortController()
    const feeding = feed(kafka, stop.signal)
    const [first, second] = [new PipelineProcess(plain, PIPELINE), new PipelineProcess(plain, PIPELINE)]
    try {
      first.start()
      await until(() => first.lines.length > 0)
      second.start()
      await until(() => second.lines.length > 0)
      // Some of what it reads is committed, in each partition.
      const more = (await kafka.committed('sharers', TOPIC)).map((offset = 0) => ({ latest: offset + 1 }))
      await until(async () => second.lines.length > 2000 && isRead(await kafka.committed('sharers', TOPIC), more))

      await second.kill()
      const atKill = second.lines
      // The group notices, and the first has all of it again.
      const sent = await kafka.offsets(TOPIC)
      await until(async () => isRead(await kafka.committed('sharers', TOPIC), sent))

      second.start()
      await until(() => second.lines.length > atKill.length)
      await second.stop()
      stop.abort()
      const count = await feeding
      await until(async () => isRead(await kafka.committed('sharers', TOPIC), await kafka.offsets(TOPIC)))
      await first.stop()

      const all = [...first.lines, ...second.lines]
      const distinct = new Set(all)
      expect(distinct.size).toBe(count)
      // Only what the second had not committed when it was killed may have come to the first, too.
      const doubled = first.lines.filter((line) => atKill.includes(line))
      expect(all.length - distinct.size).toBeLessThanOrEqual(doubled.length)
      expect(doubled.length).toBeLessThan(atKill.length)
    } finally {
      stop.abort()
      await Promise.all([first.kill(), second.kill(), feeding])
      await kafka.close()
    }
  })
})

/** Sends records, each another one, to all partitions until it is stopped; says how many. */
async function feed(kafka: Kafka, signal: AbortSignal): Promise<number> {
  const producer = await kafka.producer({ compression: 'none', owner: 'test', signal: new AbortController().signal })
  let count = 0
  while (!signal.aborted) {
    const records = Array.from({ length: 20 }, () => record(`{"n":${count++}}`, { timestamp: Date.now() }))
    await producer.send(TOPIC, (count / 20) % PARTITIONS, records)
  }
  await producer.close()
  return count
}
