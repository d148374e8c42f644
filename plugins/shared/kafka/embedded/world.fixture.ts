import type { Logger } from '../../../../engine/plugin.ts'
import { seededRandom } from '../../../../engine/random.ts'
import { testContext } from '../../../../test/contract/context.ts'
import { type ManualClock, type MemoryStorage, manualClock, memoryStorage } from '../../../../test/contract/index.ts'
import type { Consumer, ConsumerSettings, Kafka, Producer, ProducerRecord, RecordSet } from '../port.ts'
import { unlocked } from '../topics.fixture.ts'
import { type EmbeddedSettings, type EmbeddedTopics, openEmbeddedTopics } from './index.ts'

/** Embedded topics on a disk in memory. */
export interface World {
  readonly storage: MemoryStorage
  readonly clock: ManualClock
  readonly topics: EmbeddedTopics
  readonly log: Logger
  readonly logged: readonly { readonly level: string; readonly message: string }[]
  client(): Kafka
  producer(owner?: string, topics?: readonly string[]): Promise<Producer>
  reader(settings: ReaderSettings): Promise<Reader>
  /** The next life, on what the disk has left. */
  cutPower(seed: number): Promise<World>
  /** The next life, on a disk that lost nothing. */
  restart(): Promise<World>
}

export type ReaderSettings = Partial<ConsumerSettings> & {
  readonly topics: readonly string[]
  readonly begin?: number | ((partition: number) => number)
}

export interface Reader {
  readonly consumer: Consumer
  readonly sets: AsyncIterator<RecordSet>
  readonly left: string[]
  /** Ends `records`. */
  abort(): void
  /** `covered` of the consumer up to an offset of `events/0`. */
  covered(offset: number): Promise<void>
  /** Ends `covered`. */
  giveUp(): void
}

export interface WorldSettings extends Partial<EmbeddedSettings> {
  readonly storage?: MemoryStorage
  readonly clock?: ManualClock
}

export async function openWorld(settings: WorldSettings = {}): Promise<World> {
  const { storage = memoryStorage(), clock = manualClock() } = settings
  const { log, recorded } = testContext()
  const chosen = { segmentSize: 400, ...settings, storage: unlocked(storage), clock, log }
  const topics = await openEmbeddedTopics('/topics', chosen)
  const world: World = {
    storage,
    clock,
    topics,
    log,
    logged: recorded.logs,
    client: () => topics.client(),
    producer(owner = 'shop/sink', names = []) {
      const signal = new AbortController().signal
      return topics.client().producer({ compression: 'none', owner, topics: names, signal })
    },
    async reader({ begin = 0, ...rest }) {
      const abort = new AbortController()
      const consumer = await topics.client().consumer({
        group: undefined,
        async assigned(partitions) {
          const offset = typeof begin === 'number' ? () => begin : begin
          return partitions.map((place) => ({ ...place, offset: offset(place.partition) }))
        },
        revoked: async () => {},
        outOfRange: async (place, { earliest, latest }) => {
          throw new Error(`${place.topic}/${place.partition} ${place.offset} is not in ${earliest} to ${latest}`)
        },
        signal: abort.signal,
        ...rest,
      })
      const sets = consumer.records()[Symbol.asyncIterator]()
      const givingUp = new AbortController()
      return {
        ...{ consumer, sets, left: [], abort: () => abort.abort(), giveUp: () => givingUp.abort() },
        async covered(offset) {
          await consumer.covered?.([{ topic: 'events', partition: 0, offset }], givingUp.signal)
        },
      }
    },
    cutPower: (seed) => openWorld({ ...settings, storage: storage.crash(seededRandom(seed)), clock }),
    restart: () => openWorld({ ...settings, storage, clock }),
  }
  return world
}

export function recordOf(value: string, parts: Partial<ProducerRecord> = {}): ProducerRecord {
  return { key: null, value: Buffer.from(value), timestamp: 0, headers: [], ...parts }
}

/** To a partition, named `topic/number`. */
export function send(producer: Producer, partition: string, ...values: string[]): Promise<void> {
  const [topic = '', number] = partition.split('/')
  return producer.send(
    topic,
    Number(number),
    values.map((value) => recordOf(value)),
  )
}

/** The next records: `topic/partition offset value`. */
export async function read(reader: Reader, count: number): Promise<string[]> {
  const { left, sets } = reader
  while (left.length < count) {
    const { value: set, done } = await sets.next()
    if (done) break
    left.push(...textsOf(set))
  }
  return left.splice(0, count)
}

export function textsOf(set: RecordSet): string[] {
  return Array.from({ length: set.count }, (_, index) => {
    const value = set.data.toString('utf8', set.starts[index], set.ends[index])
    return `${set.topic}/${set.partition} ${set.offset(index)} ${value}`
  })
}
