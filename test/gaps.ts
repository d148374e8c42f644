import { randomUUID } from 'node:crypto'
import { record } from '../plugins/shared/kafka/contract-bench.ts'
import type { Kafka, TransactionalProducer } from '../plugins/shared/kafka/port.ts'
import { valuesOf } from '../plugins/shared/kafka/topics.fixture.ts'

/** What was committed to a topic, in order, and the newest of each key, which compaction leaves. */
export interface Filled {
  readonly committed: readonly string[]
  readonly newest: readonly string[]
}

/**
 * Makes a topic of one partition that has records at few of its offsets: some were compacted away, some aborted, also
 * the last ones.
 */
export async function fillWithGaps(kafka: Kafka, topic: string): Promise<Filled> {
  await kafka.createTopic(topic, { partitions: 1, cleanup: 'compact', retentionBytes: 1024 * 1024 })
  const committed: string[] = []
  for (let round = 0; (await countIn(kafka, topic)) === committed.length; round++) {
    const signal = new AbortController().signal
    const id = `gaps-${randomUUID()}`
    const producer = await kafka.transactional({ id, timeoutMs: 30_000, compression: 'none', signal })
    await send(producer, topic, round, [`{"n":${round},"aborted":true}`], 'abort')
    const values = Array.from({ length: 20 }, (_, n) => `{"n":${round * 20 + n},"pad":"${'x'.repeat(5000)}"}`)
    await send(producer, topic, round, values, 'commit')
    committed.push(...values)
    await send(producer, topic, round, [`{"n":${round},"aborted":true}`, '{"aborted":"last"}'], 'abort')
    await producer.close()
  }
  return { committed, newest: committed.slice(-KEYS.length) }
}

const KEYS = ['a', 'b', 'c', 'd']

/** A broker compacts by segments, and begins a new one when a record is a week younger than the first. */
const STEP = 8 * 24 * 60 * 60 * 1000

async function send(
  producer: TransactionalProducer,
  topic: string,
  round: number,
  values: readonly string[],
  end: 'commit' | 'abort',
): Promise<void> {
  const transaction = await producer.begin()
  const timestamp = Date.UTC(2020, 0, 1) + round * STEP
  const records = values.map((value, n) =>
    record(value, { key: Buffer.from(KEYS[n % KEYS.length] as string), timestamp }),
  )
  await transaction.send(topic, 0, records)
  await transaction[end]()
}

async function countIn(kafka: Kafka, topic: string): Promise<number> {
  return (await valuesOf(kafka, topic)).flat().length
}
