/**
 * Watermarks of one pump: "no record older than this is expected any more". Each source partition has its own, and the
 * pump's is the minimum of those that are active. Pure: the moments of the clock come as arguments.
 */

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

interface Partition {
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

/** The watermark of a pump over all of its inputs. */
export class Watermarks {
  readonly #inputs: readonly InputTime[]
  #current: number
  /** All partitions are idle since a moment: from this watermark on it goes with the clock. */
  #pace: { readonly since: number; readonly from: number } | undefined

  constructor(inputs: readonly InputTime[], kept: number = Number.NEGATIVE_INFINITY) {
    this.#inputs = inputs
    this.#current = kept
  }

  /** It never goes back. */
  get current(): number {
    return this.#current
  }

  /** Who holds it now, for people: an input that has said nothing yet, or a partition. */
  holderAt(now: Moment): { readonly input: InputTime; readonly partition: string | undefined } | undefined {
    const silent = this.#inputs.find((input) => input.unknown && input.idleIn(now) > 0)
    if (silent !== undefined) return { input: silent, partition: undefined }
    const held = heldBy(this.#inputs, now, undefined)
    for (const input of this.#inputs) {
      for (const partition of input.partitions) {
        const isActive = !partition.ended && input.quietFor(partition, now) !== 0
        if (isActive && input.watermarkAt(partition, now) === held) return { input, partition: input.nameOf(partition) }
      }
    }
    return undefined
  }

  /** The marks of records of one partition that have these times, in this order; moves its watermark behind them. */
  markByTime(input: InputTime, partition: string, times: Float64Array, now: Moment): Float64Array {
    const { rule } = input
    const slack = rule.kind === 'event' ? rule.outOfOrderness : 0
    const others = heldBy(this.#inputs, now, input.know(partition))
    const marks = new Float64Array(times.length)
    let own = input.watermarkOf(partition)
    for (let index = 0; index < times.length; index++) {
      marks[index] = this.#raise(Math.min(others, own))
      own = Math.max(own, (times[index] as number) - slack)
    }
    input.moveTo(partition, own)
    return marks
  }

  /** The same for records that another pump has marked; it never counts on less than it knows. */
  markCarried(
    input: InputTime,
    partition: string,
    carried: Float64Array | undefined,
    size: number,
    now: Moment,
  ): Float64Array {
    const others = heldBy(this.#inputs, now, input.know(partition))
    const marks = new Float64Array(size)
    let own = input.watermarkOf(partition)
    for (let index = 0; index < size; index++) {
      own = Math.max(own, carried?.[index] ?? own)
      marks[index] = this.#raise(Math.min(others, own))
    }
    input.moveTo(partition, own)
    return marks
  }

  /** The watermark at this moment. */
  settle(now: Moment): number {
    const held = heldBy(this.#inputs, now, undefined)
    if (held < Number.POSITIVE_INFINITY) {
      this.#pace = undefined
      return this.#raise(held)
    }
    this.#pace ??= this.#beginPace(now)
    return this.#raise(this.#pace.from + Math.max(0, now.monotonic - this.#pace.since))
  }

  /**
   * The watermark that this partition waits for, because it is further ahead of the slowest other input than it may be;
   * undefined: it need not wait. Partitions of one input take their turns as it likes.
   */
  awaitedBy(input: InputTime, name: string, now: Moment): number | undefined {
    if (input.rule.kind !== 'event' || this.#inputs.length === 1) return undefined
    const others = this.#inputs.filter((other) => other !== input)
    const held = heldBy(others, now, undefined)
    const awaited = input.watermarkOf(name) - input.rule.maxDrift
    return Number.isFinite(held) && held < awaited ? awaited : undefined
  }

  /**
   * Milliseconds until the clock alone may bring the watermark to `target`; 0 or less: now. Undefined: it needs records.
   * What holds it may be idle by then, and something else hold it: ask again.
   */
  reachesIn(target: number, now: Moment): number | undefined {
    const current = this.settle(now)
    if (current >= target) return 0
    let idleIn = 0
    let hasHolder = false
    let byClock = Number.NEGATIVE_INFINITY
    for (const input of this.#inputs) {
      if (input.ended) continue
      if (input.unknown) {
        const wait = input.idleIn(now)
        hasHolder ||= wait > 0
        idleIn = Math.max(idleIn, wait)
      }
      for (const partition of input.partitions) {
        if (partition.ended) continue
        if (input.followsClock(partition.caughtUp)) byClock = Math.max(byClock, target - now.wall)
        else if (partition.watermark < target) {
          const wait = input.quietFor(partition, now)
          if (wait === undefined) return undefined
          hasHolder ||= wait > 0
          idleIn = Math.max(idleIn, wait)
        }
      }
    }
    if (hasHolder) return idleIn
    if (byClock > Number.NEGATIVE_INFINITY) return byClock
    return this.#pace === undefined || current === Number.NEGATIVE_INFINITY ? undefined : target - current
  }

  /** From the newest of those that are idle, since the last of them is. */
  #beginPace(now: Moment): { since: number; from: number } {
    let from = this.#current
    let since = Number.NEGATIVE_INFINITY
    for (const input of this.#inputs) {
      if (input.unknown) since = Math.max(since, now.monotonic + input.idleIn(now))
      for (const partition of input.partitions) {
        from = Math.max(from, partition.watermark)
        if (!partition.ended && input.rule.kind === 'event')
          since = Math.max(since, partition.quietSince + input.rule.idle)
      }
    }
    return { since: since === Number.NEGATIVE_INFINITY ? now.monotonic : since, from }
  }

  #raise(to: number): number {
    if (to > this.#current) this.#current = to
    return this.#current
  }
}

/** The least of the active partitions but one; Infinity when none is active. */
function heldBy(inputs: readonly InputTime[], now: Moment, except: Partition | undefined): number {
  let held = Number.POSITIVE_INFINITY
  for (const input of inputs) {
    if (input.ended) continue
    if (input.unknown && input.idleIn(now) > 0) return Number.NEGATIVE_INFINITY
    for (const partition of input.partitions) {
      if (partition === except || partition.ended || input.quietFor(partition, now) === 0) continue
      held = Math.min(held, input.watermarkAt(partition, now))
    }
  }
  return held
}
