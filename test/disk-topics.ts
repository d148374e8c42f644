import { join } from 'node:path'
import { diskStorage } from '../engine/storage.ts'
import { openEmbeddedTopics } from '../plugins/shared/kafka/embedded/index.ts'
import type { Kafka, ProducerRecord } from '../plugins/shared/kafka/port.ts'
import { testContext } from './contract/context.ts'
import { manualClock } from './contract/index.ts'

/** The embedded topics of a working directory, as a process before has left them. */
export async function makeTopics(cwd: string, make: (kafka: Kafka) => Promise<void>): Promise<void> {
  const { log } = testContext()
  const settings = { storage: diskStorage(), clock: manualClock(), log }
  const topics = await openEmbeddedTopics(join(cwd, '.streamrun/topics'), settings)
  const kafka = topics.client()
  await make(kafka)
  await kafka.close()
  await topics.close()
}

/** Sends records to one partition; what is left out of one is empty. */
export async function sendRecords(
  kafka: Kafka,
  topic: string,
  partition: number,
  records: readonly Partial<ProducerRecord>[],
): Promise<void> {
  const producer = await kafka.producer({ compression: 'none', owner: 'test', signal: new AbortController().signal })
  const empty = { key: null, value: null, timestamp: 0, headers: [] }
  await producer.send(
    topic,
    partition,
    records.map((record) => ({ ...empty, ...record })),
  )
  await producer.close()
}
