import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Consumer, Producer, TopicPartition } from '../port.ts'
import { openWorld, recordOf, type World } from './world.fixture.ts'

const TOPIC = 'events'
const PARTITIONS = 3

test('whoever comes and goes, each record is read once by members that commit what they give up', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('send' as const),
      partition: fc.nat(PARTITIONS - 1),
      count: fc.integer({ min: 1, max: 5 }),
    }),
    fc.record({ kind: fc.constant('join' as const) }),
    fc.record({ kind: fc.constant('leave' as const), who: fc.nat(3) }),
    fc.record({ kind: fc.constant('wait' as const), turns: fc.nat(30) }),
  )
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async (steps) => {
    const world = await openWorld()
    await world.client().createTopic(TOPIC, { partitions: PARTITIONS })
    const producer = await world.producer()
    const read: string[] = []
    let members: Member[] = []
    let sent = 0
    for (const one of steps) {
      if (one.kind === 'send') sent = await send(producer, one.partition, sent, one.count)
      if (one.kind === 'join' && members.length < 4) members.push(await Member.join(world, read))
      if (one.kind === 'wait') for (let turn = 0; turn < one.turns; turn++) await undefined
      if (one.kind !== 'leave') continue
      const leaving = members[one.who]
      members = members.filter((member) => member !== leaving)
      await leaving?.leave()
    }
    const last = await Member.join(world, read)
    for (const member of members) await member.leave()
    await last.hasRead(sent)
    await last.leave()
    expect(read.sort()).toEqual(Array.from({ length: sent }, (_, index) => String(index)).sort())
  })
  await fc.assert(property, { numRuns: 100 })
})

test('members that come and go together end with each partition at one of them', async () => {
  const world = await openWorld()
  await world.client().createTopic(TOPIC, { partitions: PARTITIONS })
  const members = await Promise.all(Array.from({ length: 5 }, () => Member.join(world, [])))
  await settled(() => members.flatMap(({ owned }) => [...owned]).length === PARTITIONS)
  expect(members.map(({ owned }) => [...owned])).toEqual([[0], [1], [2], [], []])
  await Promise.all(members.slice(0, 3).map((member) => member.leave()))
  await settled(() => members.slice(3).flatMap(({ owned }) => [...owned]).length === PARTITIONS)
  expect(members.slice(3).map(({ owned }) => [...owned])).toEqual([[0, 2], [1]])
})

test('a member that fails does not hold the others up', async () => {
  const world = await openWorld()
  await world.client().createTopic(TOPIC, { partitions: PARTITIONS })
  const failing = await world.reader({ topics: [TOPIC], group: 'g', assigned: () => Promise.reject(new Error('no')) })
  await expect(failing.sets.next()).rejects.toThrow('no')
  const member = await Member.join(world, [])
  await failing.consumer.close()
  await settled(() => member.owned.size === PARTITIONS)
})

/** Reads, and commits what it has read when it must give it up, as a source does at a checkpoint. */
class Member {
  readonly owned = new Set<number>()
  readonly #places = new Map<number, number>()
  readonly #read: string[]
  readonly #abort = new AbortController()
  #reading: Promise<void> = Promise.resolve()
  #consumer: Consumer | undefined

  constructor(read: string[]) {
    this.#read = read
  }

  static async join(world: World, read: string[]): Promise<Member> {
    const member = new Member(read)
    const client = world.client()
    member.#consumer = await client.consumer({
      topics: [TOPIC],
      group: 'g',
      async assigned(partitions) {
        const committed = await client.committed('g', TOPIC)
        for (const { partition } of partitions) member.owned.add(partition)
        return partitions.map((place) => ({ ...place, offset: committed[place.partition] ?? 0 }))
      },
      revoked: (partitions) => member.#giveUp(partitions),
      outOfRange: () => Promise.reject(new Error('out of range')),
      signal: member.#abort.signal,
    })
    member.#reading = member.#readAll(member.#consumer)
    return member
  }

  async hasRead(count: number): Promise<void> {
    await settled(() => this.#read.length >= count)
  }

  async leave(): Promise<void> {
    this.#abort.abort()
    await this.#reading
    await this.#commit([...this.owned])
    this.owned.clear()
    await this.#consumer?.close()
  }

  async #readAll(consumer: Consumer): Promise<void> {
    for await (const set of consumer.records()) {
      if (!this.owned.has(set.partition)) throw new Error(`${set.partition} is not mine`)
      this.#places.set(set.partition, set.next)
      for (let index = 0; index < set.count; index++) {
        this.#read.push(set.data.toString('utf8', set.starts[index], set.ends[index]))
      }
    }
  }

  async #giveUp(partitions: readonly TopicPartition[]): Promise<void> {
    const numbers = partitions.map(({ partition }) => partition)
    for (const number of numbers) this.owned.delete(number)
    await this.#commit(numbers)
  }

  async #commit(numbers: readonly number[]): Promise<void> {
    const read = numbers.filter((partition) => this.#places.has(partition))
    const offsets = read.map((partition) => ({ topic: TOPIC, partition, offset: this.#places.get(partition) ?? 0 }))
    for (const number of numbers) this.#places.delete(number)
    await this.#consumer?.commit(offsets)
  }
}

/** Values that count on from `from`; gives the next. */
async function send(producer: Producer, partition: number, from: number, count: number): Promise<number> {
  const values = Array.from({ length: count }, (_, index) => recordOf(String(from + index)))
  await producer.send(TOPIC, partition, values)
  return from + count
}

/** Turns of the microtask queue only: nothing here waits for anything else. */
async function settled(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !condition(); turn++) await undefined
  expect(condition()).toBe(true)
}
