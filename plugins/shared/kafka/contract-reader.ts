import type { Consumer, ConsumerSettings, Kafka, RecordSet, TopicOffset, TopicPartition } from './port.ts'

export interface ReaderOptions {
  readonly topics?: readonly string[]
  readonly group?: string
  /** Where to begin; with a group: where it has committed, else 0. */
  readonly begin?: (partition: number) => number
  readonly outOfRange?: ConsumerSettings['outOfRange']
  /** It wants all or nothing, and is told when it has nothing. */
  readonly standBy?: () => Promise<void>
  /** Awaited while partitions are given up; only for what a clause does then. */
  readonly revoked?: (partitions: readonly TopicPartition[]) => Promise<void>
}

/** A record as it was read, as text where it has one. */
export interface ReadRecord {
  readonly partition: number
  readonly offset: number
  readonly value: string | null
}

/** Reads the way a source does: what comes of a partition that is not its own is a broken promise. */
export class ContractReader {
  /** Its partitions. */
  readonly owned: ReadonlySet<number>
  /** The sets that were read, as they came. */
  readonly sets: RecordSet[] = []
  readonly consumer: Consumer
  readonly #positions = new Map<number, number>()
  readonly #abort: AbortController
  readonly #iterator: AsyncIterator<RecordSet>
  /** Always asked for: a client may take part in its group only while it is. */
  #next: Promise<RecordSet | undefined>
  #left: ReadRecord[] = []

  constructor(consumer: Consumer, owned: ReadonlySet<number>, abort: AbortController) {
    this.consumer = consumer
    this.owned = owned
    this.#abort = abort
    this.#iterator = consumer.records()[Symbol.asyncIterator]()
    this.#next = this.#ask()
  }

  static async open(kafka: Kafka, options: ReaderOptions & { readonly topics: readonly string[] }) {
    const owned = new Set<number>()
    const abort = new AbortController()
    const consumer = await kafka.consumer({
      topics: options.topics,
      group: options.group,
      async assigned(partitions) {
        const begins = await Promise.all(partitions.map((place) => beginOf(kafka, options, place)))
        for (const { partition } of partitions) owned.add(partition)
        return begins
      },
      async revoked(partitions) {
        for (const { partition } of partitions) owned.delete(partition)
        await options.revoked?.(partitions)
      },
      async outOfRange(place, range) {
        if (options.outOfRange !== undefined) return options.outOfRange(place, range)
        throw new Error(`${place.offset} is not in ${range.earliest} to ${range.latest}`)
      },
      ...(options.standBy === undefined ? {} : { alone: { standBy: options.standBy } }),
      signal: abort.signal,
    })
    return new ContractReader(consumer, owned, abort)
  }

  /** Where this partition is read to; undefined until something came of it. */
  position(partition: number): number | undefined {
    return this.#positions.get(partition)
  }

  /** The next so many records, in the order in which they come. */
  async read(count: number): Promise<ReadRecord[]> {
    while (this.#left.length < count) if (!(await this.#pull())) throw new Error('the records ended')
    return this.#left.splice(0, count)
  }

  /** What comes until this partition is read to there, whatever of it is no record. */
  async readTo(partition: number, next: number): Promise<ReadRecord[]> {
    while (!this.sets.some((set) => set.partition === partition && set.next >= next)) {
      if (!(await this.#pull())) throw new Error('the records ended')
    }
    return this.#left.splice(0)
  }

  /** The next so many values, by partition. */
  async values(count: number): Promise<ReadonlyMap<number, readonly (string | null)[]>> {
    return groupValues(await this.read(count))
  }

  /** What comes until the records end. */
  async readToEnd(): Promise<ReadRecord[]> {
    while (await this.#pull());
    return this.#left.splice(0)
  }

  abort(): void {
    this.#abort.abort()
  }

  close(): Promise<void> {
    return this.consumer.close()
  }

  async #pull(): Promise<boolean> {
    const set = await this.#next
    if (set === undefined) return false
    this.#next = this.#ask()
    this.sets.push(set)
    this.#left.push(...recordsOf(set))
    return true
  }

  #ask(): Promise<RecordSet | undefined> {
    const asked = this.#iterator.next().then(({ value: set, done }) => {
      if (done) return undefined
      if (!this.owned.has(set.partition)) throw new Error(`partition ${set.partition} is somebody else's`)
      this.#positions.set(set.partition, set.next)
      return set
    })
    // Whoever reads on meets it.
    asked.catch(() => {})
    return asked
  }
}

async function beginOf(kafka: Kafka, options: ReaderOptions, place: TopicPartition): Promise<TopicOffset> {
  if (options.begin !== undefined) return { ...place, offset: options.begin(place.partition) }
  const committed = options.group === undefined ? [] : await kafka.committed(options.group, place.topic)
  return { ...place, offset: committed[place.partition] ?? 0 }
}

function recordsOf(set: RecordSet): ReadRecord[] {
  return Array.from({ length: set.count }, (_, index) => {
    const value = set.isTombstone(index) ? null : set.data.toString('utf8', set.starts[index], set.ends[index])
    return { partition: set.partition, offset: set.offset(index), value }
  })
}

function groupValues(records: readonly ReadRecord[]): ReadonlyMap<number, readonly (string | null)[]> {
  const values = new Map<number, (string | null)[]>()
  for (const { partition, value } of records) values.set(partition, [...(values.get(partition) ?? []), value])
  return values
}
