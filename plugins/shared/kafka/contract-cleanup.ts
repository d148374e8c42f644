import { expect } from 'vitest'
import type { Clause } from '../../../test/contract/clause.ts'
import type { On } from './contract.ts'
import { type KafkaBench, numbered, record } from './contract-bench.ts'
import { RefusedRecords } from './port.ts'

/** What the port promises of what goes: by retention, by compaction, or because somebody said so. */
export function cleanupClauses(on: On): readonly Clause[] {
  return [...deletions(on), ...compactions(on)]
}

function deletions(on: On): Clause[] {
  return [
    on('deletes a topic: one of the same name begins anew, for every group', async (bench) => {
      const { kafka, topic, group } = bench
      await bench.create(1)
      await bench.send(0, ...numbered(0, 3))
      await bench.closeProducer()
      const member = await bench.reader({ group })
      await member.read(3)
      await member.consumer.commit([{ topic, partition: 0, offset: 3 }])
      await member.close()
      expect(await kafka.deleteTopic(topic)).toBe(true)
      expect(await kafka.topics([topic])).toEqual([])
      await expect(kafka.offsets(topic)).rejects.toMatchObject({ code: 'SR_KAFKA_TOPIC' })
      expect(await kafka.deleteTopic(topic)).toBe(false)
      await bench.create(2)
      expect(await kafka.offsets(topic)).toEqual([
        { earliest: 0, latest: 0 },
        { earliest: 0, latest: 0 },
      ])
      await bench.until(async () => (await kafka.committed(group, topic)).every((offset) => offset === undefined))
      await bench.send(1, record('new'))
      expect((await (await bench.reader()).read(1))[0]).toEqual({ partition: 1, offset: 0, value: 'new' })
    }),
    on('deletes the first records of a partition: whoever is to begin there is asked where to go on', async (bench) => {
      const { kafka, topic } = bench
      await bench.create(2)
      await bench.send(0, ...numbered(0, 10))
      await bench.send(1, ...numbered(0, 10))
      await kafka.deleteRecords([{ topic, partition: 0, offset: 4 }])
      expect(await kafka.offsets(topic)).toEqual([
        { earliest: 4, latest: 10 },
        { earliest: 0, latest: 10 },
      ])
      expect(await kafka.offsetsAt(topic, 0)).toEqual([4, 0])
      const asked: number[] = []
      const reader = await bench.reader({
        begin: (partition) => (partition === 0 ? 3 : 10),
        async outOfRange({ offset }, { earliest }) {
          asked.push(offset, earliest)
          return earliest
        },
      })
      expect((await reader.read(6)).map(({ offset }) => offset)).toEqual([4, 5, 6, 7, 8, 9])
      expect(asked).toEqual([3, 4])
      await kafka.deleteRecords([{ topic, partition: 0, offset: 10 }])
      expect((await kafka.offsets(topic))[0]).toEqual({ earliest: 10, latest: 10 })
      await bench.send(0, record('next'))
      expect(await reader.read(1)).toEqual([{ partition: 0, offset: 10, value: 'next' }])
    }),
    on('deletes no records that there never were', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...numbered(0, 3))
      const offsets = { code: 'SR_KAFKA_OFFSETS' }
      await expect(bench.kafka.deleteRecords([{ topic: bench.topic, partition: 0, offset: 4 }])).rejects.toMatchObject(
        offsets,
      )
      expect(await bench.kafka.offsets(bench.topic)).toEqual([{ earliest: 0, latest: 3 }])
    }),
    on('lets the oldest records go by retention, and no offset come twice', async (bench) => {
      await bench.create(1, { retentionMs: 1 })
      let sent = 0
      await bench.repeat(async () => {
        await bench.send(0, ...bulk(sent))
        sent += BULK
        return ((await bench.kafka.offsets(bench.topic))[0]?.earliest ?? 0) > 0
      })
      expect((await bench.kafka.offsets(bench.topic))[0]?.latest).toBe(sent)
    }),
  ]
}

function compactions(on: On): Clause[] {
  return [
    on('keeps the newest record of each key where a topic is compacted, at its offset (KA-15)', async (bench) => {
      await bench.create(1, { cleanup: 'compact' })
      const rounds = new Rounds(bench)
      let left: string[] = []
      await bench.repeat(async () => {
        await rounds.send()
        left = await bench.valuesFrom(0)
        return left.length < rounds.all.length
      })
      // What is left was sent so, in that order; and the newest of each key is there.
      expect(left).toEqual(rounds.all.filter((one) => left.includes(one)))
      for (const newest of rounds.newest()) expect(left).toContain(newest)
      expect(await bench.kafka.offsets(bench.topic)).toEqual([{ earliest: 0, latest: rounds.all.length }])
      const [first = ''] = left
      // Where nothing stands any more is no place that is lost.
      expect(Number(first.split(' ')[0])).toBeGreaterThan(0)
      const again = await bench.valuesFrom(1)
      expect(again).toEqual(left.filter((one) => again.includes(one)))
      for (const newest of rounds.newest()) expect(again).toContain(newest)
    }),
    on('keeps a tombstone for its time, and then lets it go', async (bench) => {
      await bench.create(1, { cleanup: 'compact', tombstoneMs: 1 })
      const gone = record(null, { key: Buffer.from('gone'), timestamp: BEGIN })
      await bench.send(0, { ...gone, value: Buffer.from('first') })
      await bench.send(0, gone)
      const rounds = new Rounds(bench, 2)
      await bench.repeat(async () => {
        await rounds.send()
        return !(await bench.valuesFrom(0)).some((text) => text.startsWith('0 ') || text.startsWith('1 '))
      })
    }),
    on('refuses a record without a key where a topic is compacted, and writes the others', async (bench) => {
      await bench.create(1, { cleanup: 'compact' })
      const keyed = record('kept', { key: Buffer.from('k') })
      const refused = await bench.send(0, keyed, record('no key')).catch((error: unknown) => error)
      expect(refused).toBeInstanceOf(RefusedRecords)
      if (refused instanceof RefusedRecords) expect([...refused.reasons.keys()]).toEqual([1])
      expect(await bench.valuesFrom(0)).toEqual(['0 kept'])
    }),
  ]
}

const BULK = 10
/** A broker compacts and removes by segments, and begins a new one when a record is a week younger than the first. */
const BEGIN = Date.UTC(2020, 0, 1)
const STEP = 8 * 24 * 60 * 60 * 1000

function bulk(from: number, parts: { readonly timestamp?: number; readonly key?: Uint8Array } = {}) {
  return Array.from({ length: BULK }, (_, index) => record(`${from + index} ${'x'.repeat(20_000)}`, parts))
}

/** Rounds of records of three keys, each round another segment. */
class Rounds {
  /** What was sent, as `offset value`. */
  readonly all: string[] = []
  readonly #bench: KafkaBench
  readonly #keys = new Map<string, string>()
  #offset: number
  #round = 0

  constructor(bench: KafkaBench, offset = 0) {
    this.#bench = bench
    this.#offset = offset
  }

  async send(): Promise<void> {
    this.#round += 1
    for (const key of ['a', 'b', 'c']) {
      const records = bulk(this.#offset, { key: Buffer.from(key), timestamp: BEGIN + this.#round * STEP })
      await this.#bench.send(0, ...records)
      for (const { value } of records) this.all.push(`${this.#offset++} ${value}`)
      this.#keys.set(key, this.all.at(-1) as string)
    }
  }

  newest(): readonly string[] {
    return [...this.#keys.values()]
  }
}
