import { randomUUID } from 'node:crypto'
import { record } from '../plugins/shared/kafka/contract-bench.ts'
import type { Kafka } from '../plugins/shared/kafka/port.ts'

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
  const signal = new AbortController().signal
  // Before there are markers: a broker begins a new segment by the times of records, and theirs is now.
  const plain = await kafka.producer({ compression: 'none', owner: 'gaps', signal })
  for (let round = 0; round === 0 || (await countIn(kafka, topic)) === committed.length; round++) {
    const values = Array.from({ length: 20 }, (_, n) => `{"n":${round * 20 + n},"pad":"${'x'.repeat(5000)}"}`)
    await plain.send(topic, 0, recordsOf(values, round))
    committed.push(...values)
  }
  await plain.close()
  const id = `gaps-${randomUUID()}`
  const producer = await kafka.transactional({ id, timeoutMs: 30_000, compression: 'none', signal })
  for (const [round, end] of (['abort', 'commit', 'abort', 'commit', 'abort'] as const).entries()) {
    const values = KEYS.map((key) => `{"${end}":"${key} ${round}"}`)
    const transaction = await producer.begin()
    await transaction.send(topic, 0, recordsOf(values, 0))
    await transaction[end]()
    if (end === 'commit') committed.push(...values)
  }
  await producer.close()
  return { committed, newest: committed.slice(-KEYS.length) }
}

const KEYS = ['a', 'b', 'c', 'd']

/** A broker compacts by segments, and begins a new one when a record is a week younger than the first. */
const STEP = 8 * 24 * 60 * 60 * 1000

function recordsOf(values: readonly string[], round: number) {
  const timestamp = Date.UTC(2020, 0, 1) + round * STEP
  return values.map((value, n) => record(value, { key: Buffer.from(KEYS[n % KEYS.length] as string), timestamp }))
}

/** What can be read while the producer that writes there waits. */
async function countIn(kafka: Kafka, topic: string): Promise<number> {
  const [range] = await kafka.offsets(topic)
  const consumer = await kafka.consumer({
    topics: [topic],
    group: undefined,
    assigned: async (partitions) => partitions.map((place) => ({ ...place, offset: 0 })),
    revoked: async () => {},
    outOfRange: async (_, { earliest }) => earliest,
    signal: new AbortController().signal,
  })
  let count = 0
  for await (const set of consumer.records()) {
    count += set.count
    if (set.next >= (range?.latest ?? 0)) break
  }
  await consumer.close()
  return count
}
