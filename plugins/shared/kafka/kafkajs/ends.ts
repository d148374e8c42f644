import { RetryableError } from '../../../../engine/plugin.ts'
import { keyOf, type Place } from './places.ts'
import type { World } from './world.ts'

/** Where partitions ended when a member got them, or when the last writer of this process was done with them. */
export class Ends {
  readonly #world: World
  readonly #topics: readonly string[]
  #ends: ReadonlyMap<string, number> = new Map()
  /** What the writers were when it was noted. */
  #changes = -1

  constructor(world: World, topics: readonly string[]) {
    this.#world = world
    this.#topics = topics
  }

  async note(): Promise<void> {
    const { changes } = this.#world.settings.writers
    const ends = new Map<string, number>()
    for (const topic of new Set(this.#topics)) {
      const ranges = await this.#world.metadata.offsets(topic)
      for (const [partition, { latest }] of ranges.entries()) ends.set(keyOf({ topic, partition }), latest)
    }
    this.#ends = ends
    this.#changes = changes
  }

  async areReached(places: readonly Place[]): Promise<boolean> {
    const { writers } = this.#world.settings
    if (writers.writesToAny(this.#topics)) return false
    try {
      if (this.#changes !== writers.changes) await this.note()
    } catch (error) {
      // It is asked again after whatever comes next.
      if (error instanceof RetryableError) return false
      throw error
    }
    return places.every((place) => place.handed >= (this.#ends.get(keyOf(place)) ?? 0))
  }
}
