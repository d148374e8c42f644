import { expect } from 'vitest'
import type { Clause } from '../../../test/contract/clause.ts'
import type { On } from './contract.ts'
import { type KafkaBench, numbered } from './contract-bench.ts'
import type { ContractReader } from './contract-reader.ts'

/** What the port promises of groups. */
export function groupClauses(on: On): readonly Clause[] {
  return [...commits(on), ...shares(on), ...alone(on)]
}

function commits(on: On): Clause[] {
  return [
    on('keeps what a group has committed, and before that where it began', async (bench) => {
      await bench.create(2)
      await bench.send(0, ...numbered(0, 5))
      const member = await bench.reader({ group: bench.group })
      await member.read(5)
      expect(await bench.kafka.committed(bench.group, bench.topic)).toEqual([0, 0])
      await member.consumer.commit([{ topic: bench.topic, partition: 0, offset: 3 }])
      expect(await bench.kafka.committed(bench.group, bench.topic)).toEqual([3, 0])
      expect(await bench.kafka.committed('another', bench.topic)).toEqual([undefined, undefined])
      expect(await bench.kafka.groups()).toContain(bench.group)
    }),
    on('goes on where the group has committed', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...numbered(0, 5))
      const member = await bench.reader({ group: bench.group })
      await member.read(5)
      await member.consumer.commit([{ topic: bench.topic, partition: 0, offset: 3 }])
      await member.close()
      const next = await bench.reader({ group: bench.group })
      expect((await next.read(2)).map(({ offset }) => offset)).toEqual([3, 4])
    }),
    on('keeps groups apart', async (bench) => {
      await bench.create(1)
      await bench.send(0, ...numbered(0, 2))
      for (const group of [bench.group, `${bench.group}-other`]) {
        const member = await bench.reader({ group })
        expect(await member.read(2)).toHaveLength(2)
        await member.consumer.commit([{ topic: bench.topic, partition: 0, offset: 2 }])
      }
    }),
    on('leaves a partition that is not its own out of a commit (K-8)', async (bench) => {
      await bench.create(4)
      const [first, second] = await twoMembers(bench)
      const everything = [0, 1, 2, 3].map((partition) => ({ topic: bench.topic, partition, offset: 1 }))
      await first.consumer.commit(everything)
      const committed = await bench.kafka.committed(bench.group, bench.topic)
      for (const partition of first.owned) expect(committed[partition]).toBe(1)
      for (const partition of second.owned) expect(committed[partition]).toBe(0)
    }),
  ]
}

function shares(on: On): Clause[] {
  return [
    on('shares the partitions among the members', async (bench) => {
      await bench.create(4)
      const [first, second] = await twoMembers(bench)
      for (const partition of [0, 1, 2, 3]) await bench.send(partition, ...numbered(0, 3))
      const read = await Promise.all([first, second].map((member) => member.values(3 * member.owned.size)))
      const partitions = read.flatMap((values) => [...values.keys()])
      expect(partitions.sort()).toEqual([0, 1, 2, 3])
    }),
    on('gives the partitions of a member that leaves to the others', async (bench) => {
      await bench.create(4)
      const [first, second] = await twoMembers(bench)
      const left = second.readToEnd()
      await first.close()
      await bench.until(() => second.owned.size === 4)
      await second.close()
      await left
    }),
    on('waits until partitions are given up before it gives them to another', async (bench) => {
      await bench.create(2)
      await bench.send(0, ...numbered(0, 5))
      await bench.send(1, ...numbered(0, 5))
      const first = await bench.reader({
        group: bench.group,
        // The last chance to commit what was handled.
        async revoked(partitions) {
          await first.consumer.commit(partitions.map((place) => ({ ...place, offset: 5 })))
        },
      })
      await first.read(10)
      const more = first.readToEnd()
      const second = await bench.reader({ group: bench.group })
      const none = second.readToEnd()
      await bench.untilShared(2, first, second)
      for (const partition of second.owned) {
        expect((await bench.kafka.committed(bench.group, bench.topic))[partition]).toBe(5)
      }
      await first.close()
      await second.close()
      expect(await none).toEqual([])
      await more
    }),
  ]
}

function alone(on: On): Clause[] {
  return [
    on(
      'leaves all partitions with the member that reads alone when others come, who are told to stand by',
      async (bench) => {
        await bench.create(3)
        const first = await stand(bench)
        await bench.until(() => first.reader.owned.size === 3)
        const others = [await stand(bench), await stand(bench)]
        await bench.until(() => others.every(({ told }) => told > 0))
        await bench.until(() => first.reader.owned.size === 3)
        for (const { reader } of others) expect([...reader.owned]).toEqual([])
        expect(first.told).toBe(0)
        for (const partition of [0, 1, 2]) await bench.send(partition, ...numbered(0, 4))
        const values = await first.reader.values(12)
        expect([...values.keys()].sort()).toEqual([0, 1, 2])
      },
    ),
    on('gives all that a member read alone to one of those who stand by when it leaves', async (bench) => {
      await bench.create(3)
      const first = await stand(bench)
      await bench.until(() => first.reader.owned.size === 3)
      await bench.send(1, ...numbered(0, 2))
      await first.reader.read(2)
      await first.reader.consumer.commit([{ topic: bench.topic, partition: 1, offset: 2 }])
      const others = [await stand(bench), await stand(bench)]
      await bench.until(() => others.every(({ told }) => told > 0))
      await first.reader.close()
      await bench.until(() => others.some(({ reader }) => reader.owned.size === 3))
      const next = others.find(({ reader }) => reader.owned.size === 3)
      for (const other of others.filter((one) => one !== next)) expect([...other.reader.owned]).toEqual([])
      await bench.send(1, ...numbered(2, 4))
      expect((await next?.reader.read(2))?.map(({ offset }) => offset)).toEqual([2, 3])
    }),
    on('ends a member whose answer to standing by is an error, and leaves the others alone', async (bench) => {
      await bench.create(2)
      const first = await stand(bench)
      await bench.until(() => first.reader.owned.size === 2)
      const refusing = await bench.reader({ group: bench.group, standBy: () => Promise.reject(new Error('not me')) })
      await expect(refusing.read(1)).rejects.toThrow('not me')
      await bench.until(() => first.reader.owned.size === 2)
      await bench.send(0, ...numbered(0, 2))
      expect(await first.reader.read(2)).toHaveLength(2)
    }),
  ]
}

interface Standing {
  readonly reader: ContractReader
  /** How often it was told that it stands by. */
  readonly told: number
}

/** A member that reads alone, or stands by. */
async function stand(bench: KafkaBench): Promise<Standing> {
  let told = 0
  const standBy = async () => {
    told += 1
  }
  const reader = await bench.reader({ group: bench.group, standBy })
  return {
    reader,
    get told() {
      return told
    },
  }
}

/** Of four partitions. */
async function twoMembers(bench: KafkaBench) {
  const first = await bench.reader({ group: bench.group })
  await bench.until(() => first.owned.size === 4)
  const second = await bench.reader({ group: bench.group })
  await bench.untilShared(4, first, second)
  return [first, second] as const
}
