import { StreamrunError, sleep } from '../../../../engine/plugin.ts'
import type { ConsumerSettings, TopicOffset, TopicPartition } from '../port.ts'
import { aloneAssigner } from './alone.ts'
import { ask, CallerError, unlessEnding, whenAborted, within } from './caller.ts'
import { Ends } from './ends.ts'
import { isOutOfGroup, lastingFault } from './faults.ts'
import { Fetching, type FetchingParts } from './fetching.ts'
import { Generation } from './generation.ts'
import { Outage } from './outage.ts'
import { keyOf, type Place, partitionsOf, placeAt } from './places.ts'
import { Session, type Signals } from './session.ts'
import type { World } from './world.ts'

/** What a member asks of the consumer above it. */
export interface Above extends Pick<FetchingParts, 'take' | 'changed'> {
  /** Aborted when nobody wants records any more. */
  readonly ending: AbortSignal
  /** What was taken and not handed out is forgotten. */
  drop(): Promise<void>
}

/**
 * Joins a group, reads until the group gathers again, gives everything up, joins again. Work of an earlier generation is
 * dropped: each has a signal of its own (K-8). While brokers are away it keeps what it has, and goes on.
 */
export class Member {
  readonly #world: World
  readonly #settings: ConsumerSettings
  readonly #above: Above
  readonly #groupId: string
  readonly #ends: Ends
  readonly #outage: Outage
  #session: Session | undefined
  #generation: Generation | undefined
  /** When the group last knew of it; on the clock that does not jump. */
  #heard = Number.POSITIVE_INFINITY
  #places: ReadonlyMap<string, Place> = new Map()
  /** The last generation in which it had partitions. */
  #heldIn: number | undefined
  /** It has its partitions, if only none. */
  #isAssigned = false
  #hasJoined = false
  readonly #closing = new AbortController()
  #committing: Promise<unknown> = Promise.resolve()
  #running: Promise<void> = Promise.resolve()

  constructor(world: World, settings: ConsumerSettings, above: Above) {
    this.#world = world
    this.#settings = settings
    this.#above = above
    this.#groupId = settings.group ?? `${READER_GROUP}${randomName(world)}`
    this.#ends = new Ends(world, settings.topics)
    this.#outage = new Outage(world.settings.log)
  }

  /** Resolves when it is connected; what ends it later is handed to `failed`. */
  async begin(failed: (error: unknown) => void): Promise<void> {
    this.#session = await this.#open()
    this.#running = this.#run().catch(failed)
  }

  async commit(offsets: readonly TopicOffset[]): Promise<void> {
    const own = offsets.filter((place) => this.#places.has(keyOf(place)))
    if (this.#settings.group === undefined || own.length === 0 || this.#session === undefined) return
    const committing = this.#session.commit(own, this.#signals)
    this.#committing = Promise.allSettled([this.#committing, committing])
    await committing
  }

  foreign(offsets: readonly TopicOffset[]): readonly string[] {
    return offsets.map(keyOf).filter((key) => !this.#places.has(key))
  }

  /**
   * K-12: it was silent for so long, stopped or busy, that others have what it holds; nothing of that may be handed out
   * before it has joined again.
   */
  get isForgotten(): boolean {
    const { clock, sessionTimeout } = this.#world.settings
    if (clock.monotonic() - this.#heard <= sessionTimeout) return false
    this.#generation?.end()
    return true
  }

  async isAtEnd(): Promise<boolean> {
    return this.#isAssigned && this.#ends.areReached([...this.#places.values()])
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#places = new Map()
    this.#isAssigned = false
    await this.#committing
    await this.#session?.close()
    // A group may take its time to let somebody in, who then leaves at once.
    await within(this.#world.settings.clock, this.#running, CLOSE_MS)
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#hasEnded; ) {
      try {
        await this.#takePart()
        failures = 0
      } catch (error) {
        if (this.#hasEnded) return
        this.#refuse(error)
        failures += 1
        this.#outage.begin(error)
        await this.#renew(error, failures)
      }
    }
  }

  /** One generation. */
  async #takePart(): Promise<void> {
    const session = this.#session ?? (await this.#open())
    this.#session = session
    const generation = new Generation(this.#above.ending)
    this.#generation = generation
    try {
      const partitions = await session.join()
      this.#heard = this.#world.settings.clock.monotonic()
      // Others wait for whoever has joined.
      if (this.#closing.signal.aborted) return await session.close()
      this.#hasJoined = true
      generation.alongside(this.#beat(session, generation))
      await this.#assign(session, partitions, generation)
      await this.#fetch(session, generation)
    } finally {
      generation.end()
      await this.#giveUp().finally(() => generation.finish())
    }
  }

  /** K-12: says that it is alive, however busy everyone is, until it has given everything up. */
  async #beat(session: Session, generation: Generation): Promise<void> {
    for (;;) {
      await sleep(this.#world.settings.clock, HEARTBEAT_MS, generation.over)
      if (generation.over.aborted) return
      try {
        const asked = this.#world.settings.clock.monotonic()
        await session.heartbeat()
        this.#heard = asked
      } catch (error) {
        session.forgotten(error)
        if (isOutOfGroup(error)) generation.end()
        else await session.findCoordinator()
      }
    }
  }

  async #assign(session: Session, partitions: readonly TopicPartition[], generation: Generation): Promise<void> {
    const { ending, changed } = this.#above
    if (partitions.length > 0) this.#heldIn = session.generation
    const begins = await ask(partitions.length > 0 ? this.#settings.assigned(partitions) : this.#standBy(), ending)
    if (begins === undefined) return
    this.#places = placesOf(partitions, begins)
    for (const begin of begins) session.seek(begin)
    if (!generation.isEnding) await this.#noteFirst(session, begins)
    if (this.#settings.untilEnd) await this.#ends.note()
    this.#isAssigned = true
    changed()
  }

  async #standBy(): Promise<readonly TopicOffset[]> {
    await this.#settings.alone?.standBy()
    return []
  }

  /** What came first is where the group stands: else `latest` would be another place after a restart. */
  async #noteFirst(session: Session, begins: readonly TopicOffset[]): Promise<void> {
    const { group, topics } = this.#settings
    if (group === undefined) return
    const first: TopicOffset[] = []
    for (const topic of new Set(topics)) {
      const committed = await this.#world.metadata.committed(group, topic)
      first.push(...begins.filter((one) => one.topic === topic && committed[one.partition] === undefined))
    }
    if (first.length > 0) await session.commit(first, this.#signals)
  }

  async #fetch(session: Session, generation: Generation): Promise<void> {
    const { take, changed } = this.#above
    const parts = { world: this.#world, settings: this.#settings, outage: this.#outage }
    await new Fetching({ ...parts, session, generation, places: this.#places, take, changed }).run()
  }

  async #giveUp(): Promise<void> {
    const given = partitionsOf(this.#places.values())
    const { ending } = this.#above
    this.#isAssigned = false
    await this.#above.drop()
    // What was handled can be committed until it resolves.
    if (!this.#hasEnded && given.length > 0) await ask(this.#settings.revoked(given), ending)
    // What is still on its way downstream will be committed: it stays a member until it is closed.
    if (this.#hasEnded) return this.#hasJoined ? whenAborted(this.#closing.signal) : undefined
    this.#places = new Map()
    await unlessEnding(this.#committing, ending)
  }

  /** Joins again as it is where the group has gone on without it; else with a new client. */
  async #renew(error: unknown, failures: number): Promise<void> {
    const wait = Math.min(RETRY_MS * 2 ** failures, MAX_RETRY_MS)
    await sleep(this.#world.settings.clock, wait, this.#above.ending)
    this.#session?.forgotten(error)
    if (isOutOfGroup(error) || this.#hasEnded) return
    await this.#session?.close()
    this.#session = undefined
  }

  /** Throws what waiting does not mend. */
  #refuse(error: unknown): void {
    if (error instanceof CallerError) throw error.cause
    if (error instanceof StreamrunError) throw error
    const lasting = lastingFault(error)
    if (lasting !== undefined && !this.#hasJoined) throw lasting
  }

  #open(): Promise<Session> {
    const { library, settings } = this.#world
    const isAlone = this.#settings.alone !== undefined && this.#settings.group !== undefined
    const assigner = isAlone ? aloneAssigner(library, () => this.#heldIn) : library.roundRobin
    const topics = [...new Set(this.#settings.topics)]
    return Session.open(library, { groupId: this.#groupId, topics, assigner }, settings)
  }

  get #signals(): Signals {
    return { ending: this.#above.ending, closing: this.#closing.signal }
  }

  get #hasEnded(): boolean {
    return this.#above.ending.aborted
  }
}

function placesOf(partitions: readonly TopicPartition[], begins: readonly TopicOffset[]): ReadonlyMap<string, Place> {
  const places = new Map(begins.map((begin) => [keyOf(begin), placeAt(begin)]))
  const missing = partitions.find((one) => !places.has(keyOf(one)))
  if (missing === undefined) return places
  throw new StreamrunError('SR_DEFECT', `nobody says where to begin in ${keyOf(missing)}`)
}

/** Of those who have no group, and need one to ask for records. Nothing is committed for it. */
export const READER_GROUP = 'streamrun-reader-'

function randomName({ settings: { random } }: World): string {
  const digits = () => Math.floor(random.next() * 2 ** 32).toString(16)
  return `${digits()}${digits()}`
}

const HEARTBEAT_MS = 1000
const CLOSE_MS = 2000
const RETRY_MS = 200
const MAX_RETRY_MS = 10_000
