/**
 * Watermarks of one pump: "no record older than this is expected any more". Each source partition has its own, and the
 * pump's is the minimum of those that are active. Pure: the moments of the clock come as arguments.
 */

import type { InputTime, Moment, Partition } from './input-time.ts'

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
