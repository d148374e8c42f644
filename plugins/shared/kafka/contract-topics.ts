import { expect } from 'vitest'
import type { Clause } from '../../../test/contract/clause.ts'
import type { On } from './contract.ts'
import { numbered, record } from './contract-bench.ts'

/** What the port promises of topics and their offsets. */
export function topicClauses(on: On): Clause[] {
  return [
    on('makes a topic once, and tells of it', async ({ kafka, topic }) => {
      expect(await kafka.topics([topic])).toEqual([])
      expect(await kafka.createTopic(topic, { partitions: 3 })).toBe(true)
      expect(await kafka.createTopic(topic, { partitions: 5 })).toBe(false)
      expect(await kafka.topics([topic, `${topic}-other`])).toMatchObject([{ name: topic, partitions: 3 }])
      expect((await kafka.topics()).map(({ name }) => name)).toContain(topic)
    }),
    on('refuses a name that no topic can have, and one that goes elsewhere', async ({ kafka, topic }) => {
      for (const name of ['', '.', '..', `../${topic}`, 'a b', 'x'.repeat(250)]) {
        await expect(kafka.createTopic(name, { partitions: 1 })).rejects.toMatchObject({ code: 'SR_KAFKA_TOPIC' })
      }
    }),
    on('knows nothing of a topic that is not there', async ({ kafka, topic }) => {
      await expect(kafka.offsets(topic)).rejects.toMatchObject({ code: 'SR_KAFKA_TOPIC' })
    }),
    on('counts offsets from 0, for each partition', async (bench) => {
      await bench.create(3)
      await bench.send(0, ...numbered(0, 3))
      await bench.send(2, ...numbered(0, 2))
      await bench.send(0, ...numbered(3, 4))
      expect(await bench.kafka.offsets(bench.topic)).toEqual([
        { earliest: 0, latest: 4 },
        { earliest: 0, latest: 0 },
        { earliest: 0, latest: 2 },
      ])
    }),
    on('finds the first record that is not older than a time', async (bench) => {
      await bench.create(2)
      await bench.send(0, ...[10, 20, 30].map((timestamp) => record('x', { timestamp })))
      await bench.send(0, ...[40, 50].map((timestamp) => record('x', { timestamp })))
      const found = (time: number) => bench.kafka.offsetsAt(bench.topic, time)
      expect(await found(0)).toEqual([0, 0])
      expect(await found(20)).toEqual([1, 0])
      expect(await found(31)).toEqual([3, 0])
      expect(await found(50)).toEqual([4, 0])
      expect(await found(51)).toEqual([5, 0])
    }),
  ]
}
