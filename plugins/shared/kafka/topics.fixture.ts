import type { Storage } from '../../../engine/plugin.ts'
import { testContext } from '../../../test/contract/context.ts'
import { manualClock } from '../../../test/contract/index.ts'
import { proxied } from '../../../test/faulty.ts'
import { openEmbeddedTopics } from './embedded/index.ts'
import type { Kafka, ProducerRecord } from './port.ts'

/** A client of topics on a disk in memory, as one process has it; `segmentSize` makes logs of several files. */
export async function topicsOn(storage: Storage): Promise<Kafka> {
  const { log } = testContext()
  const topics = await openEmbeddedTopics('/topics', {
    storage: unlocked(storage),
    clock: manualClock(),
    log,
    segmentSize: 4096,
  })
  return topics.client()
}

/** As after a kill, which takes the lock of a folder with it: in a test the life before is only left behind. */
export function unlocked(storage: Storage): Storage {
  return proxied(storage, { lock: async () => ({ release: async () => {} }) })
}

/** Sends values to a partition, durably. */
export async function sendValues(
  kafka: Kafka,
  topic: string,
  partition: number,
  values: readonly string[],
): Promise<void> {
  const producer = await kafka.producer({ compression: 'none', owner: 'fixture', signal: new AbortController().signal })
  await producer.send(topic, partition, values.map(recordOf))
  await producer.close()
}

/** Every value of a topic, one list for each partition. */
export async function valuesOf(kafka: Kafka, topic: string): Promise<string[][]> {
  if ((await kafka.topics([topic])).length === 0) return []
  const ranges = await kafka.offsets(topic)
  const found: string[][] = ranges.map(() => [])
  const consumer = await kafka.consumer({
    topics: [topic],
    group: undefined,
    assigned: async (partitions) => partitions.map((place) => ({ ...place, offset: 0 })),
    revoked: async () => {},
    outOfRange: async (_, { earliest }) => earliest,
    signal: new AbortController().signal,
    untilEnd: true,
  })
  for await (const set of consumer.records()) {
    for (let index = 0; index < set.count; index++) {
      found[set.partition]?.push(set.data.toString('utf8', set.starts[index], set.ends[index]))
    }
  }
  await consumer.close()
  return found
}

function recordOf(value: string): ProducerRecord {
  return { key: null, value: Buffer.from(value), timestamp: 0, headers: [] }
}
