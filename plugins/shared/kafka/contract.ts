import { expect } from 'vitest'
import { type Clause, clause, describeClauses } from '../../../test/contract/clause.ts'
import { KafkaBench, type KafkaFixture, numbered, record } from './contract-bench.ts'
import { cleanupClauses } from './contract-cleanup.ts'
import { groupClauses } from './contract-groups.ts'
import { recordClauses } from './contract-records.ts'
import { topicClauses } from './contract-topics.ts'
import { transactionClauses } from './contract-transactions.ts'
import { RefusedRecords } from './port.ts'

export type { KafkaFixture } from './contract-bench.ts'

/** One test for each promise of the port: the same for embedded topics, and for real clients with a real broker. */
export function describeKafka(name: string, fixture: KafkaFixture): void {
  describeClauses(`${name} keeps the contract of the port`, kafkaClauses(fixture))
}

export function kafkaClauses(fixture: KafkaFixture): readonly Clause[] {
  const on: On = (title, check, applies) => clause(title, () => KafkaBench.use(fixture, check), applies)
  return [
    ...topicClauses(on),
    ...recordClauses(on),
    ...places(on),
    ...ends(on),
    ...bounds(on, fixture),
    ...groupClauses(on),
    ...transactionClauses(on, fixture),
    ...cleanupClauses(on),
  ]
}

export type On = (title: string, check: (bench: KafkaBench) => Promise<void>, applies?: boolean) => Clause

function places(on: On): Clause[] {
  return [
    on('begins where it is told to, in each partition', async (bench) => {
      await bench.create(2)
      await bench.send(0, ...numbered(0, 10))
      await bench.send(1, ...numbered(0, 10))
      const reader = await bench.reader({ begin: (partition) => (partition === 0 ? 7 : 10) })
      expect(await reader.read(3)).toEqual([7, 8, 9].map((n) => ({ partition: 0, offset: n, value: String(n) })))
      await bench.send(1, ...numbered(10, 11))
      expect(await reader.read(1)).toEqual([{ partition: 1, offset: 10, value: '10' }])
    }),
    on('hands on what comes while it waits', async (bench) => {
      await bench.create(1)
      const reader = await bench.reader()
      const waiting = reader.read(2)
      await bench.until(() => reader.owned.size === 1)
      await bench.send(0, record('a'), record('b'))
      expect((await waiting).map(({ value }) => value)).toEqual(['a', 'b'])
    }),
    on('reads all partitions for everyone who has no group', async (bench) => {
      await bench.create(2)
      const readers = [await bench.reader(), await bench.reader()]
      await bench.send(0, record('a'))
      await bench.send(1, record('b'))
      for (const reader of readers) expect([...(await reader.values(2)).values()].flat().sort()).toEqual(['a', 'b'])
    }),
    on('asks where to go on when there is no record at the place (K-9)', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...numbered(0, 3))
      const asked: unknown[] = []
      const reader = await bench.reader({
        begin: () => 100,
        async outOfRange(place, range) {
          asked.push(place, range)
          return 1
        },
      })
      expect((await reader.read(2)).map(({ offset }) => offset)).toEqual([1, 2])
      expect(asked).toEqual([
        { topic: bench.topic, partition: 0, offset: 100 },
        { earliest: 0, latest: 3 },
      ])
    }),
    on('ends with what that question throws', async (bench) => {
      await bench.create(1)
      const outOfRange = () => Promise.reject(new Error('no such place'))
      const reader = await bench.reader({ begin: () => 100, outOfRange })
      await expect(reader.readToEnd()).rejects.toThrow('no such place')
    }),
  ]
}

function ends(on: On): Clause[] {
  return [
    on('ends the records when the consumer is closed while they are waited for', async (bench) => {
      await bench.create(1)
      const reader = await bench.reader()
      const ended = reader.readToEnd()
      await bench.until(() => reader.owned.size === 1)
      await reader.close()
      expect(await ended).toEqual([])
    }),
    on('ends the records when the signal is aborted', async (bench) => {
      await bench.create(1)
      await bench.send(0, record('a'))
      const reader = await bench.reader()
      await reader.read(1)
      const ended = reader.readToEnd()
      reader.abort()
      expect(await ended).toEqual([])
    }),
    on('closes a consumer that was never read, and one twice', async (bench) => {
      await bench.create(1)
      const reader = await bench.reader({ group: bench.group })
      await reader.close()
      await reader.close()
    }),
  ]
}

function bounds(on: On, fixture: KafkaFixture): Clause[] {
  const { tooLarge, fetched } = fixture
  return [
    on(
      'refuses records that are too large for themselves, and writes the others (KA-11)',
      async (bench) => {
        await bench.create(1)
        const large = record('x'.repeat(tooLarge ?? 0))
        const refused = await bench.send(0, record('a'), large, record('b'), large).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(RefusedRecords)
        if (refused instanceof RefusedRecords) expect([...refused.reasons.keys()]).toEqual([1, 3])
        await bench.send(0, record('c'))
        const reader = await bench.reader()
        expect((await reader.read(3)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
      },
      tooLarge !== undefined,
    ),
    on(
      'refuses those of columns likewise, where it takes columns',
      async (bench) => {
        await bench.create(1)
        const size = tooLarge ?? 0
        const data = Buffer.from(`a${'x'.repeat(size)}b${'x'.repeat(size)}`)
        const starts = Uint32Array.of(0, 1, size + 1, size + 2)
        const ends = Uint32Array.of(1, size + 1, size + 2, 2 * size + 2)
        const columns = { count: 4, data, starts, ends, keys: undefined, timestamp: 1 }
        const refused = await bench.sendColumns(0, columns).catch((error: unknown) => error)
        if (refused === false) return
        expect(refused).toBeInstanceOf(RefusedRecords)
        if (refused instanceof RefusedRecords) expect([...refused.reasons.keys()]).toEqual([1, 3])
        const reader = await bench.reader()
        expect((await reader.read(2)).map(({ value }) => value)).toEqual(['a', 'b'])
      },
      tooLarge !== undefined,
    ),
    on(
      'fetches a few sets ahead at most while nobody takes them (I-6)',
      async (bench) => {
        await bench.create(1)
        const value = 'x'.repeat(1000)
        for (let sent = 0; sent < 20; sent++) await bench.send(0, ...Array.from({ length: 1000 }, () => record(value)))
        const before = fetched?.() ?? 0
        const reader = await bench.reader()
        await reader.read(1)
        // Another one reads everything meanwhile: there was time enough.
        const other = await bench.reader()
        await other.read(20_000)
        const byOther = other.sets.reduce((sum, { starts, ends }) => sum + bytesIn(starts, ends), 0)
        expect((fetched?.() ?? 0) - before - byOther).toBeLessThan(byOther / 2)
      },
      fetched !== undefined,
    ),
  ]
}

function bytesIn(starts: Uint32Array, ends: Uint32Array): number {
  return ends.reduce((sum, end, index) => sum + end - (starts[index] as number), 0)
}
