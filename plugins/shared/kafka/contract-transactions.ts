import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { Clause } from '../../../test/contract/clause.ts'
import type { On } from './contract.ts'
import { type KafkaBench, type KafkaFixture, numbered, record } from './contract-bench.ts'
import { RefusedRecords, type Transaction } from './port.ts'

/** What the port promises of transactions. */
export function transactionClauses(on: On, fixture: KafkaFixture): readonly Clause[] {
  return [...outcomes(on, fixture), ...mixed(on), ...positions(on), ...fences(on)]
}

function outcomes(on: On, { tooLarge }: KafkaFixture): Clause[] {
  return [
    on('shows the records of a transaction when it is committed, all of them, and none before', async (bench) => {
      await bench.create(2)
      const producer = await bench.transactional()
      const transaction = await producer.begin()
      await transaction.send(bench.topic, 0, numbered(0, 3))
      await transaction.send(bench.topic, 1, numbered(3, 5))
      await transaction.send(bench.topic, 0, numbered(5, 6))
      expect(await latestOf(bench)).toEqual([0, 0])
      const reader = await bench.reader()
      await transaction.commit()
      expect(await reader.values(6)).toEqual(
        new Map([
          [0, ['0', '1', '2', '5']],
          [1, ['3', '4']],
        ]),
      )
    }),
    on('never shows what was aborted, and goes on behind it (KA-15)', async (bench) => {
      await bench.create(1)
      const producer = await bench.transactional()
      const aborted = await producer.begin()
      await aborted.send(bench.topic, 0, numbered(0, 3))
      await aborted.abort()
      const committed = await producer.begin()
      await committed.send(bench.topic, 0, [record('kept')])
      await committed.commit()
      await bench.until(async () => ((await latestOf(bench))[0] ?? 0) > 3)
      for (const begin of [0, 1, 3]) {
        const [only, ...others] = await bench.valuesFrom(begin)
        expect(only?.split(' ')[1]).toBe('kept')
        expect(others).toEqual([])
      }
    }),
    on('reads to the end of a partition that ends with what was aborted', async (bench) => {
      await bench.create(1)
      const producer = await bench.transactional()
      const aborted = await producer.begin()
      await aborted.send(bench.topic, 0, numbered(0, 3))
      await aborted.abort()
      await bench.until(async () => ((await latestOf(bench))[0] ?? 0) >= 3)
      expect(await bench.valuesFrom(0)).toEqual([])
    }),
    on('begins one transaction after the other, also one with nothing in it', async (bench) => {
      await bench.create(1)
      const producer = await bench.transactional()
      for (const value of ['a', '', 'b', '', 'c']) {
        const transaction = await producer.begin()
        if (value !== '') await transaction.send(bench.topic, 0, [record(value)])
        await transaction.commit()
      }
      const reader = await bench.reader()
      expect((await reader.read(3)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
    }),
    on('does nothing with a transaction that has ended', async (bench) => {
      await bench.create(1)
      const producer = await bench.transactional()
      const transaction = await producer.begin()
      await transaction.send(bench.topic, 0, [record('a')])
      await transaction.commit()
      await expect(transaction.send(bench.topic, 0, [record('b')])).rejects.toThrow()
      await expect(transaction.commit()).rejects.toThrow()
    }),
    on(
      'commits the others of records that are too large for themselves (KA-11)',
      async (bench) => {
        await bench.create(1)
        const producer = await bench.transactional()
        const transaction = await producer.begin()
        const sending = transaction.send(bench.topic, 0, [record('a'), record('x'.repeat(tooLarge ?? 0)), record('b')])
        await expect(sending).rejects.toBeInstanceOf(RefusedRecords)
        await transaction.send(bench.topic, 0, [record('c')])
        await transaction.commit()
        const reader = await bench.reader()
        expect((await reader.read(3)).map(({ value }) => value)).toEqual(['a', 'b', 'c'])
      },
      tooLarge !== undefined,
    ),
  ]
}

function mixed(on: On): Clause[] {
  return [
    on('shows nothing behind the first record of an open transaction', async (bench) => {
      await bench.create(1)
      await bench.commitValues('before')
      const [, open] = await begun(bench, 'slow')
      const from = (await latestOf(bench))[0] ?? 0
      await bench.commitValues('behind')
      expect((await latestOf(bench))[0]).toBe(from)
      const reader = await bench.reader()
      expect(await reader.readTo(0, from)).toMatchObject([{ value: 'before' }])
      expect(reader.sets.map(({ end }) => end)).toEqual(reader.sets.map(() => from))
      await open.commit()
      expect((await reader.read(2)).map(({ value }) => value)).toEqual(['slow', 'behind'])
    }),
    on('shows nothing of aborted transactions that are mixed with others, wherever it begins', async (bench) => {
      await bench.create(1)
      const [, first] = await begun(bench, 'first')
      const [, second] = await begun(bench, 'second')
      const [, kept] = await begun(bench, 'kept')
      for (const [transaction, value] of [
        [first, 'first'],
        [kept, 'kept'],
        [second, 'second'],
        [kept, 'kept'],
      ] as const) {
        await transaction.send(bench.topic, 0, [record(value)])
      }
      await second.abort()
      await first.send(bench.topic, 0, [record('first')])
      await kept.commit()
      await first.abort()
      await bench.commitValues('last')
      await bench.until(async () => ((await latestOf(bench))[0] ?? 0) > 8)
      const all = await bench.valuesFrom(0)
      expect(all.map((text) => text.split(' ')[1])).toEqual(['kept', 'kept', 'kept', 'last'])
      for (let begin = 1; begin <= 8; begin++) {
        expect(await bench.valuesFrom(begin)).toEqual(all.filter((text) => Number(text.split(' ')[0]) >= begin))
      }
    }),
  ]
}

function positions(on: On): Clause[] {
  return [
    on('commits positions of a group with the transaction, or not at all', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...numbered(0, 5))
      await bench.closeProducer()
      const member = await bench.reader({ group: bench.group })
      await member.read(5)
      const producer = await bench.transactional()
      const committed = async () => (await bench.kafka.committed(bench.group, bench.topic))[0]
      const place = (offset: number) => ({ topic: bench.topic, partition: 0, offset })
      const aborted = await producer.begin()
      await aborted.send(bench.topic, 0, [record('out')])
      await aborted.sendOffsets(member.consumer, [place(3)])
      expect(await committed()).toBe(0)
      await aborted.abort()
      const transaction = await producer.begin()
      await transaction.sendOffsets(member.consumer, [place(4)])
      expect(await committed()).toBe(0)
      await transaction.commit()
      await bench.until(async () => (await committed()) === 4)
    }),
    on("refuses positions of partitions that are not the member's any more (K-8)", async (bench) => {
      await bench.create(2)
      const first = await bench.reader({ group: bench.group })
      await bench.until(() => first.owned.size === 2)
      const second = await bench.reader({ group: bench.group })
      await bench.untilShared(2, first, second)
      const producer = await bench.transactional()
      const transaction = await producer.begin()
      const lost = [...second.owned].map((partition) => ({ topic: bench.topic, partition, offset: 0 }))
      const fenced = { code: 'SR_KAFKA_FENCED' }
      await expect(transaction.sendOffsets(first.consumer, lost)).rejects.toMatchObject(fenced)
      await expect(transaction.commit()).rejects.toThrow()
      await transaction.abort()
    }),
  ]
}

function fences(on: On): Clause[] {
  return [
    on('takes the id from whoever had it, whose open transaction comes to nothing (KA-04)', async (bench) => {
      await bench.create(1)
      const id = `transactions-${randomUUID()}`
      const zombie = await bench.transactional(id)
      const lost = await zombie.begin()
      await lost.send(bench.topic, 0, [record('lost')])
      const heir = await bench.transactional(id)
      const fenced = { code: 'SR_KAFKA_FENCED' }
      await expect(lost.send(bench.topic, 0, [record('late')])).rejects.toMatchObject(fenced)
      await expect(lost.commit()).rejects.toThrow()
      const transaction = await heir.begin()
      await transaction.send(bench.topic, 0, [record('kept')])
      await transaction.commit()
      const reader = await bench.reader()
      expect((await reader.read(1)).map(({ value }) => value)).toEqual(['kept'])
      await zombie.close()
    }),
    on('refuses the commit of whoever has lost the id', async (bench) => {
      await bench.create(1)
      const id = `transactions-${randomUUID()}`
      const zombie = await bench.transactional(id)
      const lost = await zombie.begin()
      await lost.send(bench.topic, 0, [record('lost')])
      await bench.transactional(id)
      await expect(lost.commit()).rejects.toMatchObject({ code: 'SR_KAFKA_FENCED' })
      await bench.commitValues('kept')
      const reader = await bench.reader()
      expect((await reader.read(1)).map(({ value }) => value)).toEqual(['kept'])
    }),
    on('aborts what a closed producer has left open', async (bench) => {
      await bench.create(1)
      const [producer, transaction] = await begun(bench, 'lost')
      await producer.close()
      await bench.commitValues('kept')
      const reader = await bench.reader()
      expect((await reader.read(1)).map(({ value }) => value)).toEqual(['kept'])
      await expect(transaction.commit()).rejects.toThrow()
    }),
    on('aborts a transaction that takes too long, and holds nobody up (KA-08)', async (bench) => {
      await bench.create(1)
      const producer = await bench.transactional(undefined, 1000)
      const slow = await producer.begin()
      await slow.send(bench.topic, 0, [record('slow')])
      await bench.commitValues('kept')
      const reader = await bench.reader()
      expect((await reader.read(1)).map(({ value }) => value)).toEqual(['kept'])
      await expect(slow.commit()).rejects.toMatchObject({ code: 'SR_KAFKA_FENCED' })
    }),
  ]
}

/** A transaction that has sent one value to partition 0. */
async function begun(bench: KafkaBench, value: string) {
  const producer = await bench.transactional()
  const transaction: Transaction = await producer.begin()
  await transaction.send(bench.topic, 0, [record(value)])
  return [producer, transaction] as const
}

async function latestOf({ kafka, topic }: KafkaBench): Promise<readonly number[]> {
  return (await kafka.offsets(topic)).map(({ latest }) => latest)
}
