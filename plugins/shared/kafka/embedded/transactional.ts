import { StreamrunError } from '../../../../engine/plugin.ts'
import {
  type Consumer,
  type ProducerRecord,
  RefusedRecords,
  type TopicOffset,
  type Transaction,
  type TransactionalProducer,
  type TransactionalSettings,
} from '../port.ts'
import { EmbeddedConsumer } from './consumer.ts'
import { fencedFault, orDiskFault } from './faults.ts'
import { keyOf, type Partition } from './partition.ts'
import { refusedOf, refuseTailOfAnother } from './producer.ts'
import type { Shared } from './shared.ts'

/**
 * Transactions are decided by one write to the ledger (transaction-ledger.ts), behind which all of their records are
 * durable; positions of groups are in it. There are no markers: what was aborted is noted in the ledger, too.
 */
export class EmbeddedTransactional implements TransactionalProducer {
  readonly owner: string
  readonly isTransactional = true
  readonly #shared: Shared
  readonly #settings: TransactionalSettings
  #open: EmbeddedTransaction | undefined
  #fencedBy: string | undefined

  constructor(shared: Shared, settings: TransactionalSettings) {
    this.#shared = shared
    this.#settings = settings
    this.owner = settings.id
  }

  /** Fences whoever had the id before. */
  open(): Promise<void> {
    return this.#shared.claim(this.#settings.id, this)
  }

  async begin(): Promise<Transaction> {
    this.refuseIfFenced()
    if (this.#open?.isOpen) throw new StreamrunError('SR_DEFECT', `${this.owner} has a transaction open already`)
    this.#open = new EmbeddedTransaction(this, this.#settings, this.#shared)
    return this.#open
  }

  /** Resolves when nothing of it is under way any more; what is open is aborted. */
  async fence(reason: string): Promise<void> {
    this.#fencedBy ??= reason
    await this.#open?.end()
    this.#shared.release(this)
  }

  async close(): Promise<void> {
    await this.fence(`the producer of ${this.owner} is closed`)
    this.#shared.giveBack(this.#settings.id, this)
  }

  refuseIfFenced(): void {
    if (this.#fencedBy !== undefined) throw fencedFault(this.#fencedBy)
  }

  /** They were deleted: nothing of them can be committed or aborted any more. */
  forget(partitions: readonly Partition[]): void {
    for (const partition of partitions) this.#open?.forget(partition)
  }
}

class EmbeddedTransaction implements Transaction {
  readonly #producer: EmbeddedTransactional
  readonly #id: string
  readonly #shared: Shared
  readonly #number: number
  /** Where it began to write in each partition. */
  readonly #from = new Map<Partition, number>()
  /** Group -> partition -> position. */
  readonly #positions = new Map<string, Map<string, number>>()
  readonly #consumers = new Map<EmbeddedConsumer, TopicOffset[]>()
  /** Calls that are under way. */
  readonly #calls = new Set<Promise<unknown>>()
  readonly #cancelTimer: () => void
  #state: 'open' | 'broken' | 'ending' | 'ended' = 'open'

  constructor(producer: EmbeddedTransactional, { id, timeoutMs }: TransactionalSettings, shared: Shared) {
    this.#producer = producer
    this.#id = id
    this.#shared = shared
    this.#number = shared.ledger.transactions.number()
    this.#cancelTimer = shared.clock.timer(timeoutMs, () => {
      // It fails where the caller does: at the next call.
      producer.fence(`a transaction of ${id} took longer than ${timeoutMs} ms`).catch(() => {})
    })
  }

  get isOpen(): boolean {
    return this.#state !== 'ended'
  }

  send(topic: string, number: number, records: readonly ProducerRecord[]): Promise<void> {
    return this.#call(async () => {
      const partition = await this.#partition(topic, number)
      const refused = refusedOf(records, partition, this.#shared)
      const taken = refused.size === 0 ? records : records.filter((_, index) => !refused.has(index))
      if (taken.length > 0) {
        await partition.append(taken, this.#shared.clock.now(), {
          number: this.#number,
          begin: (here) => this.#begin(here),
        })
      }
      return refused
    }).then((refused) => {
      if (refused.size > 0) throw new RefusedRecords(refused)
    })
  }

  sendOffsets(consumer: Consumer, offsets: readonly TopicOffset[]): Promise<void> {
    return this.#call(async () => {
      if (!(consumer instanceof EmbeddedConsumer) || consumer.group === undefined) {
        throw new StreamrunError('SR_DEFECT', 'positions are those of a member of a group of embedded topics')
      }
      refuseForeign(consumer, offsets)
      const positions = this.#positions.get(consumer.group) ?? new Map<string, number>()
      this.#positions.set(consumer.group, positions)
      for (const place of offsets) positions.set(keyOf(place), place.offset)
      this.#consumers.set(consumer, [...(this.#consumers.get(consumer) ?? []), ...offsets])
    })
  }

  async commit(): Promise<void> {
    await this.#call(async () => {
      const partitions = [...this.#from.keys()]
      await Promise.all(partitions.map((partition) => partition.sync()))
      this.#producer.refuseIfFenced()
      // Nobody else may have begun to read them; and nobody does before they are committed.
      for (const [consumer, offsets] of this.#consumers) refuseForeign(consumer, offsets)
      this.#state = 'ending'
      const committing = orDiskFault('the ledger', this.#shared.ledger.transactions.commit(this.#id, this.#positions))
      for (const consumer of this.#consumers.keys()) consumer.commits(committing)
      await committing
      this.#finish()
    })
    for (const partition of this.#from.keys()) await this.#shared.tidy(partition)
  }

  async abort(): Promise<void> {
    this.#producer.refuseIfFenced()
    await this.end()
  }

  /** Aborts it, unless it is committed before. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#calls)
    if (this.#state === 'ended') return
    this.#state = 'ending'
    // Readers go on behind what was aborted: so it has to stay where it is.
    await Promise.all([...this.#from.keys()].map((partition) => partition.sync()))
    const ends = new Map([...this.#from.keys()].map(({ key, end }) => [key, end]))
    if (ends.size > 0) await orDiskFault('the ledger', this.#shared.ledger.transactions.abort(this.#id, ends))
    this.#finish()
  }

  forget(partition: Partition): void {
    if (this.#from.delete(partition)) this.#state = 'broken'
  }

  async #partition(topic: string, number: number): Promise<Partition> {
    this.#shared.hold(topic, this.#producer)
    const partition = await this.#shared.topics.partition(topic, number)
    refuseTailOfAnother(partition, this.#shared, `the transaction of ${this.#id}`)
    if (this.#shared.ledger.covered(partition.key) === undefined) return partition
    // What a writer with checkpoints has committed there is all of it.
    await orDiskFault(partition.key, this.#shared.ledger.cover(new Map([[partition.key, undefined]])))
    return partition
  }

  /** While nobody else appends there: so it begins exactly here. */
  async #begin(partition: Partition): Promise<void> {
    if (this.#from.has(partition)) return
    this.#from.set(partition, partition.end)
    const from = Object.fromEntries([...this.#from].map(([{ key }, offset]) => [key, offset]))
    const noting = this.#shared.ledger.transactions.begin(this.#id, { number: this.#number, from })
    await orDiskFault('the ledger', noting)
  }

  /** What fails leaves it to be aborted. */
  async #call<T>(work: () => Promise<T>): Promise<T> {
    this.#producer.refuseIfFenced()
    if (this.#state !== 'open')
      throw new StreamrunError('SR_DEFECT', `the transaction of ${this.#id} is not open any more`)
    const call = work().catch((error: unknown) => {
      if (this.#state !== 'ended') this.#state = 'broken'
      throw error
    })
    this.#calls.add(call)
    const done = () => this.#calls.delete(call)
    call.then(done, done)
    return call
  }

  #finish(): void {
    this.#state = 'ended'
    this.#cancelTimer()
    this.#shared.changed.notify()
  }
}

function refuseForeign(consumer: EmbeddedConsumer, offsets: readonly TopicOffset[]): void {
  const [foreign] = consumer.foreign(offsets)
  if (foreign !== undefined) throw fencedFault(`${foreign} went to another member of the group ${consumer.group}`)
}
