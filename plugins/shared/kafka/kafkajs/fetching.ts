import { sleep } from '../../../../engine/plugin.ts'
import type { ConsumerSettings, RecordSet } from '../port.ts'
import { ask, unlessEnding } from './caller.ts'
import { isTimeout, kindOf, offsetsFault } from './faults.ts'
import type { Generation } from './generation.ts'
import type { Batch } from './internals.ts'
import type { Outage } from './outage.ts'
import { keyOf, type Place } from './places.ts'
import { nextOf, recordSetsOf } from './record-set.ts'
import { NoAnswerError, type Session } from './session.ts'
import type { World } from './world.ts'

export interface FetchingParts {
  readonly world: World
  readonly settings: ConsumerSettings
  readonly session: Session
  readonly generation: Generation
  readonly places: ReadonlyMap<string, Place>
  readonly outage: Outage
  /** Resolves when the set is taken, or `stop` is aborted. */
  take(place: Place, set: RecordSet, stop: AbortSignal): Promise<void>
  /** It may be at the end. */
  changed(): void
}

/** Reads the partitions of one generation, from all brokers side by side, until it ends. */
export class Fetching {
  readonly #parts: FetchingParts
  /** When a broker last answered. */
  #answered: number

  constructor(parts: FetchingParts) {
    this.#parts = parts
    this.#answered = parts.world.settings.clock.monotonic()
  }

  async run(): Promise<void> {
    const { session, generation } = this.#parts
    while (!generation.isEnding) {
      const { nodes } = session
      if (nodes.length === 0) await this.#recover(new Error('no broker is known'))
      await Promise.all(nodes.map((node) => this.#fetchFrom(node, nodes)))
    }
  }

  /** Until the brokers are others. */
  async #fetchFrom(node: string, nodes: readonly string[]): Promise<void> {
    const { session, generation, outage, settings, changed } = this.#parts
    while (!generation.isEnding && String(session.nodes) === String(nodes)) {
      try {
        const batches = await unlessEnding(session.fetch(node), generation.signal)
        this.#answered = this.#parts.world.settings.clock.monotonic()
        outage.end()
        for (const batch of batches ?? []) await this.#handOver(batch)
        // Its end is asked for again, also where that failed before and nothing comes any more.
        if (settings.untilEnd) changed()
      } catch (error) {
        if (generation.isEnding) return
        await this.#recover(error)
      }
    }
  }

  async #handOver(batch: Batch): Promise<void> {
    const { session, generation, places, take } = this.#parts
    const place = places.get(keyOf(batch))
    // Of before a seek, or from two brokers, of which one is the leader no more.
    if (nextOf(batch) === undefined || place === undefined || Number(batch.fetchedOffset) !== place.fetched) return
    for (const set of recordSetsOf(batch)) {
      await take(place, set, generation.signal)
      if (generation.isEnding) return
      place.fetched = set.next
    }
    session.goOn({ topic: place.topic, partition: place.partition, offset: place.fetched })
  }

  /** Goes on after an error of a fetch, with the partitions as they are, or ends the generation where that cannot be. */
  async #recover(error: unknown): Promise<void> {
    const { session, generation, outage, world } = this.#parts
    const kind = kindOf(error)
    if (kind === 'OFFSET_OUT_OF_RANGE') return this.#moveInto(error as Place).catch(generation.fail)
    // There are more partitions than there were.
    if (kind === 'KafkaJSStaleTopicMetadataAssignment') return generation.end()
    if (error instanceof NoAnswerError || error instanceof TypeError) return generation.fail(error)
    // K-10: the connection is there, and nobody at its end.
    const silence = world.settings.clock.monotonic() - this.#answered
    if (isTimeout(error) && silence > session.patience) return generation.fail(new NoAnswerError())
    outage.begin(error)
    await session.refresh(error)
    await sleep(world.settings.clock, RETRY_MS, generation.signal)
  }

  /** K-9: kafkajs would jump to another place, and commit it. */
  async #moveInto(gone: Place): Promise<void> {
    const { world, settings, session, generation, places } = this.#parts
    const place = places.get(keyOf(gone))
    if (place === undefined) return
    const { topic, partition, fetched: offset } = place
    const range = (await world.metadata.offsets(topic))[partition]
    if (range === undefined) throw offsetsFault(`there is no partition ${keyOf(place)} any more`)
    const next = await ask(settings.outOfRange({ topic, partition, offset }, range), generation.signal)
    if (next === undefined) return
    const { earliest, latest } = range
    if (next < earliest || next > latest) {
      throw offsetsFault(`${keyOf(place)} holds offsets ${earliest} to ${latest}; there is no ${next}`)
    }
    place.fetched = next
    place.handed = next
    session.seek({ topic, partition, offset: next })
  }
}

const RETRY_MS = 200
