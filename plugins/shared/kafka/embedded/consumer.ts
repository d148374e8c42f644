import { StreamrunError } from '../../../../engine/plugin.ts'
import { type Consumer, type ConsumerSettings, type RecordSet, TakenBack, type TopicOffset } from '../port.ts'
import { offsetsFault, orDiskFault } from './faults.ts'
import type { Group, Member } from './group.ts'
import { keyOf, type Partition } from './partition.ts'
import { readPool } from './read-memory.ts'
import type { Shared } from './shared.ts'

export class EmbeddedConsumer implements Consumer, Member {
  readonly partitions: readonly Partition[]
  readonly owned = new Set<Partition>()
  readonly #shared: Shared
  readonly #settings: ConsumerSettings
  readonly #group: Group | undefined
  readonly #pool = readPool()
  /** Where it reads on, of the partitions whose records may be handed out. */
  readonly #places = new Map<Partition, Place>()
  /** Behind the last record that was handed out, of every partition that is its own. */
  readonly #handed = new Map<Partition, number>()
  /** Resolves when the caller has the last set in its hands. */
  #handedOut: Promise<void> = Promise.resolve()
  #committing: Promise<unknown> = Promise.resolve()
  #failure: unknown
  #wasAssigned = false
  readonly #gone: Promise<void>
  #go: () => void = () => {}
  #isClosed = false

  constructor(shared: Shared, settings: ConsumerSettings, partitions: readonly Partition[]) {
    this.#shared = shared
    this.#settings = settings
    this.partitions = partitions
    this.#group = settings.group === undefined ? undefined : shared.group(settings.group)
    this.#gone = new Promise((resolve) => {
      this.#go = resolve
    })
    settings.signal.addEventListener('abort', this.#ended)
  }

  /** Asks for its partitions; resolves before it has them. */
  begin(): void {
    this.#shared.consumers.add(this)
    if (this.#group === undefined) void this.take(this.partitions)
    else this.#group.join(this)
  }

  async *records(): AsyncGenerator<RecordSet> {
    while (!this.#hasEnded) {
      const changed = this.#shared.changed.wait()
      let found = false
      for (const place of [...this.#places.values()]) {
        for (const set of await this.#read(place)) {
          if (this.#hasEnded) return
          if (this.#places.get(place.partition) !== place) break
          place.next = set.next
          this.#handed.set(place.partition, set.next)
          found = true
          this.#handedOut = afterSomeTurns()
          yield set
        }
      }
      this.#refuseIfFailed()
      if (!found && this.#isAtEnd) return
      if (!found && !this.#hasEnded) await changed
    }
    this.#refuseIfFailed()
  }

  async commit(offsets: readonly TopicOffset[]): Promise<void> {
    const { group } = this.#settings
    if (group === undefined) return
    const own = new Set([...this.owned].map(({ key }) => key))
    const kept = offsets.map((place) => [keyOf(place), place.offset] as const).filter(([key]) => own.has(key))
    const committing = orDiskFault('the ledger', this.#shared.ledger.commit(group, new Map(kept)))
    this.commits(committing)
    await committing
  }

  get isAlone(): boolean {
    return this.#settings.alone !== undefined
  }

  get group(): string | undefined {
    return this.#settings.group
  }

  /** Partitions of these places that are not its own. */
  foreign(offsets: readonly TopicOffset[]): readonly string[] {
    const own = new Set([...this.owned].map(({ key }) => key))
    return offsets.map(keyOf).filter((key) => !own.has(key))
  }

  /** Positions that somebody else commits: the next member waits for them, as for its own. */
  commits(work: Promise<unknown>): void {
    this.#committing = Promise.allSettled([this.#committing, work])
  }

  async covered(offsets: readonly TopicOffset[], signal: AbortSignal): Promise<void> {
    const isCovered = (place: TopicOffset) =>
      (this.partitions.find(({ key }) => key === keyOf(place))?.covered ?? place.offset) >= place.offset
    signal.addEventListener('abort', this.#ended)
    try {
      for (;;) {
        const waiting = this.#shared.changed.wait()
        if (offsets.every(isCovered) || signal.aborted || this.#isClosed) return
        this.#refuseIfFailed()
        await waiting
      }
    } finally {
      signal.removeEventListener('abort', this.#ended)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#ended()
    this.#settings.signal.removeEventListener('abort', this.#ended)
    this.#places.clear()
    this.owned.clear()
    await this.#committing
    this.#go()
    this.#shared.consumers.delete(this)
    this.#group?.leave(this)
  }

  async release(partitions: readonly Partition[]): Promise<void> {
    for (const partition of partitions) this.#places.delete(partition)
    // Who is closed does not hold the others up; who is only aborted may have something to commit yet.
    await Promise.race([this.#gone, this.#orFail(this.#revoke(partitions))])
    for (const partition of partitions) {
      this.owned.delete(partition)
      this.#handed.delete(partition)
    }
    await this.#committing
  }

  async take(partitions: readonly Partition[]): Promise<void> {
    if (this.#hasEnded) return
    for (const partition of partitions) this.owned.add(partition)
    if (partitions.length > 0) await Promise.race([this.#gone, this.#orFail(this.#assign(partitions))])
    else if (this.owned.size === 0) await this.#orFail(this.#settings.alone?.standBy() ?? Promise.resolve())
    this.#wasAssigned = true
    this.#shared.changed.notify()
  }

  /** The writer takes back what is not covered: whoever has some of it cannot go on. */
  takeBack(partition: Partition, message: string): void {
    if ((this.#handed.get(partition) ?? 0) > partition.covered) this.fail(new TakenBack(message))
    // Sets that were read for the old place, and not handed out yet, are not handed out any more.
    const place = this.#places.get(partition)
    if (place !== undefined) this.#places.set(partition, { ...place })
  }

  /** What waits for it, or asks it for more, meets this error. */
  fail(error: unknown): void {
    this.#failure ??= error
    this.#shared.changed.notify()
  }

  get #hasEnded(): boolean {
    return this.#isClosed || this.#settings.signal.aborted
  }

  readonly #ended = (): void => this.#shared.changed.notify()

  /** Of what is its own; what nobody writes any more does not grow. */
  get #isAtEnd(): boolean {
    const { untilEnd, topics } = this.#settings
    if (!untilEnd || !this.#wasAssigned || topics.some((topic) => this.#shared.hasWriter(topic))) return false
    return [...this.#places.values()].every(({ partition, next }) => next === partition.visible)
  }

  async #revoke(partitions: readonly Partition[]): Promise<void> {
    await this.#handedOut
    await this.#settings.revoked(partitions.map(placeOf))
  }

  async #assign(partitions: readonly Partition[]): Promise<void> {
    const begins = await this.#settings.assigned(partitions.map(placeOf))
    if (this.#hasEnded) return
    await this.#noteFirst(begins)
    for (const partition of partitions) {
      const begin = begins.find((place) => keyOf(place) === partition.key)
      if (begin === undefined) throw new StreamrunError('SR_DEFECT', `nobody says where to begin in ${partition.key}`)
      this.#places.set(partition, { partition, next: begin.offset })
    }
  }

  /** What came first is where the group stands: else `latest` would be another place after a restart. */
  async #noteFirst(begins: readonly TopicOffset[]): Promise<void> {
    const { group } = this.#settings
    if (group === undefined) return
    const { ledger } = this.#shared
    const first = begins.filter((place) => ledger.committed(group, keyOf(place)) === undefined)
    if (first.length > 0) await this.commit(first)
  }

  /** What comes next of a partition; none while there is nothing to read. */
  async #read(place: Place): Promise<readonly RecordSet[]> {
    const { partition } = place
    this.#refuseIfFailed()
    for (;;) {
      if (place.next === partition.visible) return []
      if (!isHeld(partition, place.next)) await this.#moveInto(place)
      const sets = isHeld(partition, place.next) ? await partition.reader.read(place.next, READ_BYTES, this.#pool) : []
      // Taken back while it was read: nobody has seen it.
      this.#refuseIfFailed()
      if (sets.length > 0 || this.#hasEnded) return sets
    }
  }

  /** Asks where to go on: what stands at this place is gone, or never was. */
  async #moveInto(place: Place): Promise<void> {
    const { partition, next: offset } = place
    const { range } = partition
    place.next = await this.#settings.outOfRange({ ...placeOf(partition), offset }, range)
    const { earliest, latest } = partition.range
    if (place.next >= Math.min(earliest, range.earliest) && place.next <= latest) return
    throw offsetsFault(`${partition.key} holds offsets ${earliest} to ${latest}; there is no ${place.next}`)
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async #orFail(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => this.fail(error))
  }
}

interface Place {
  readonly partition: Partition
  next: number
}

/** About as many bytes as are in flight between two stages. */
const READ_BYTES = 256 * 1024

function placeOf({ topic, partition }: Partition): { topic: string; partition: number } {
  return { topic, partition }
}

function isHeld({ earliest, visible }: Partition, offset: number): boolean {
  return offset >= earliest && offset < visible
}

/** A yielded set takes a few turns of the microtask queue to reach the loop that iterates. */
async function afterSomeTurns(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await undefined
}
