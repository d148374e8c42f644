import { expect, it } from 'vitest'
import { RetryableError } from '../../engine/errors.ts'
import { numbered } from '../../plugins/shared/kafka/contract-bench.ts'
import { ContractReader } from '../../plugins/shared/kafka/contract-reader.ts'
import type { Producer, ProducerRecord } from '../../plugins/shared/kafka/port.ts'
import { Broker, KAFKA_VERSIONS } from './broker/index.ts'
import { clientOf } from './client.ts'

const PARTITIONS = 3
const ROUNDS = 300
const EACH = 50
const KILLS = [40, 120, 200]

it.each(KAFKA_VERSIONS)(
  'Apache Kafka %s is killed three times while one writes and one reads: nothing is lost, nothing comes twice',
  async (version) => {
    const broker = await Broker.start(version)
    const signal = new AbortController().signal
    const [writing, reading] = [await clientOf(broker.address), await clientOf(broker.address)]
    try {
      await writing.createTopic('events', { partitions: PARTITIONS, retentionMs: 1e14 })
      // A broker that is away for longer than the session has its members join again: they go on where they are.
      const begin = (partition: number): number => reader?.position(partition) ?? 0
      let reader: ContractReader | undefined
      reader = await ContractReader.open(reading, { topics: ['events'], group: 'readers', begin })
      const read = reader.values(PARTITIONS * ROUNDS * EACH)
      const producer = await writing.producer({ compression: 'gzip', owner: 'test', signal })
      let restarting = Promise.resolve()
      for (let round = 0; round < ROUNDS; round++) {
        if (KILLS.includes(round)) {
          await restarting
          restarting = broker.kill().then(() => broker.start())
        }
        for (let partition = 0; partition < PARTITIONS; partition++) {
          await sendUntilTaken(producer, partition, records(round))
        }
      }
      await restarting
      const expected = Array.from({ length: ROUNDS * EACH }, (_, n) => String(n))
      const values = await read
      for (let partition = 0; partition < PARTITIONS; partition++) expect(values.get(partition)).toEqual(expected)
      expect(await writing.offsets('events')).toEqual(
        Array.from({ length: PARTITIONS }, () => ({ earliest: 0, latest: ROUNDS * EACH })),
      )
      const ends = Array.from({ length: PARTITIONS }, (_, partition) => ({
        topic: 'events',
        partition,
        offset: ROUNDS * EACH,
      }))
      await reader.consumer.commit(ends)
      expect(await reading.committed('readers', 'events')).toEqual(ends.map(({ offset }) => offset))
    } finally {
      await reading.close()
      await writing.close()
      await broker.remove()
    }
  },
)

/**
 * Of today: a broker that comes back forgets the numbers of records that are dated more than a day ago
 * (`producer.id.expiration.ms`), and would take the batch that was under way once more.
 */
function records(round: number): ProducerRecord[] {
  const timestamp = Date.now()
  return numbered(round * EACH, (round + 1) * EACH).map((one) => ({ ...one, timestamp }))
}

/** As the engine does: the same records again, until they are taken. */
async function sendUntilTaken(
  producer: Producer,
  partition: number,
  records: readonly ProducerRecord[],
): Promise<void> {
  for (;;) {
    try {
      return await producer.send('events', partition, records)
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error
    }
  }
}
