/** How the records of an input come by their time, and its partitions by their watermarks. */
export type TimeRule =
  /** Times that records carry: the newest of a partition, less what records may be out of order. */
  | { readonly kind: 'event'; readonly outOfOrderness: number; readonly idle: number; readonly maxDrift: number }
  /** Times of arrival: once everything that came has been taken, it is the wall clock. */
  | { readonly kind: 'arrival' }
  /** Another pump says it. */
  | { readonly kind: 'carried' }

/** A moment: milliseconds of the monotonic clock, for durations, and of the wall clock. */
export interface Moment {
  readonly monotonic: number
  readonly wall: number
}

/** `idle` where nothing says otherwise: how long a source that never said anything is waited for. */
export const DEFAULT_IDLE = 30_000

export interface Partition {
  watermark: number
  /** It said that nothing more was there, when it last came. */
  caughtUp: boolean
  /** Nothing will follow. */
  ended: boolean
  /** Nothing came since this moment of the monotonic clock. */
  quietSince: number
}

/** One input of a pump, and its partitions as far as they are known: one that is not read yet holds the watermark. */
export class InputTime {
  readonly rule: TimeRule
  /** Something waits in its queue: none of its partitions is idle. */
  waiting = false
  readonly #kept: ReadonlyMap<string, number>
  readonly #partitions = new Map<string, Partition>()
  readonly #changed = new Map<string, number | undefined>()
  readonly #since: number
  /** Those that never said yet that nothing more was there. */
  readonly #behind = new Set<string>()
  #ended = false
  #wasKnown = false

  /** `kept`: the watermarks of the last checkpoint, taken up again by the partitions that come up. */
  constructor(rule: TimeRule, kept: ReadonlyMap<string, number>, now: Moment) {
    this.rule = rule
    this.#kept = kept
    this.#since = now.monotonic
  }

  get partitions(): Iterable<Partition> {
    return this.#partitions.values()
  }

  nameOf(partition: Partition): string | undefined {
    for (const [name, one] of this.#partitions) if (one === partition) return name
    return undefined
  }

  get ended(): boolean {
    return this.#ended
  }

  /** It has not said yet which partitions there are. */
  get unknown(): boolean {
    return !this.#wasKnown && !this.#ended
  }

  /** A source that says nothing holds the others back no longer than an idle partition. */
  idleIn(now: Moment): number {
    return this.#since + this.#idle - now.monotonic
  }

  get #idle(): number {
    return this.rule.kind === 'event' ? this.rule.idle : DEFAULT_IDLE
  }

  watermarkOf(name: string): number {
    return this.know(name).watermark
  }

  know(name: string): Partition {
    const known = this.#partitions.get(name)
    if (known !== undefined) return known
    const watermark = this.#kept.get(name) ?? Number.NEGATIVE_INFINITY
    const partition = { watermark, caughtUp: false, ended: false, quietSince: 0 }
    this.#partitions.set(name, partition)
    this.#behind.add(name)
    this.#wasKnown = true
    return partition
  }

  /** A batch of the partition was taken. */
  took(name: string, said: { readonly caughtUp: boolean; readonly ended: boolean }, now: Moment): void {
    const partition = this.know(name)
    partition.caughtUp = said.caughtUp
    partition.ended = said.ended
    partition.quietSince = now.monotonic
    if (said.caughtUp || said.ended) this.#behind.delete(name)
  }

  /** What was there at the start is read. */
  caughtUp(now: Moment): boolean {
    return this.#ended || (this.unknown ? this.idleIn(now) <= 0 : this.#behind.size === 0)
  }

  moveTo(name: string, watermark: number): void {
    const partition = this.know(name)
    if (watermark <= partition.watermark) return
    partition.watermark = watermark
    this.#changed.set(name, watermark)
  }

  /** The partition is somebody else's, or gone. */
  forget(name: string): void {
    this.#partitions.delete(name)
    this.#behind.delete(name)
    this.#changed.set(name, undefined)
  }

  end(): void {
    this.#ended = true
    this.#partitions.clear()
  }

  /** Milliseconds until the partition counts as idle, if nothing comes; undefined when it will not. */
  quietFor({ caughtUp, quietSince }: Partition, now: Moment): number | undefined {
    if (this.rule.kind !== 'event' || !caughtUp || this.waiting) return undefined
    return Math.max(0, quietSince + this.rule.idle - now.monotonic)
  }

  /** What its own watermark is now: that of arrival goes with the clock. */
  watermarkAt({ watermark, caughtUp }: Partition, now: Moment): number {
    return this.followsClock(caughtUp) ? Math.max(watermark, now.wall) : watermark
  }

  followsClock(caughtUp: boolean): boolean {
    return this.rule.kind === 'arrival' && caughtUp && !this.waiting
  }

  /** For a checkpoint: the watermarks that moved since the last one; undefined: it is gone. */
  takeChanges(): ReadonlyMap<string, number | undefined> {
    const changes = new Map(this.#changed)
    this.#changed.clear()
    return changes
  }
}
