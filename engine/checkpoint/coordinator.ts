import { type Clock, sleep } from '../clock.ts'
import { GaveUpError, RetryableError } from '../errors.ts'
import type { Health } from '../plugin.ts'
import type { Json } from '../record.ts'
import { errorCode } from '../storage.ts'
import type { CheckpointStore, Epoch } from './store.ts'

/** A segment as the coordinator sees it: one unit that is cut, made durable and told about it. */
export interface CheckpointedSegment {
  readonly id: string
  /** Cuts all pumps; undefined when nothing has happened since the last cut. */
  cut(): Promise<SegmentCut | undefined>
  /** Tells sources and sinks that the epoch is durable. */
  committed(epoch: Epoch): Promise<void>
}

export interface SegmentCut {
  readonly positions: ReadonlyMap<string, ReadonlyMap<string, Json>>
  readonly released: ReadonlyMap<string, ReadonlySet<string>>
  readonly watermarks?: Epoch['watermarks']
  readonly states?: Epoch['states']
  /** The states of its sinks; resolves when what they describe is durable there. */
  readonly flushed: Promise<ReadonlyMap<string, Json>>
  /** Resolves when no writer can take back what was read up to these positions. */
  readonly covered: () => Promise<void>
}

export interface CoordinatorParts {
  readonly store: CheckpointStore
  readonly clock: Clock
  /** Milliseconds between two cuts. */
  readonly interval: number
  readonly health: Health
  /** Aborted when the pipeline ends without waiting. */
  readonly signal: AbortSignal
  /** Aborted when the pipeline is to end: a full disk is then not waited out. */
  readonly stopping: AbortSignal
  /** Called with whatever makes going on impossible. */
  readonly failed: (error: unknown) => void
}

/**
 * Cuts every segment once an interval and makes each epoch durable. Per segment, in this order (F-1): cut, sinks
 * durable, the epoch in the store as one atomic write (I-2), then sources and sinks are told. Segments do not wait for
 * each other but in one point: what was read from a durable channel is committed only when its writer cannot take it
 * back any more (I-1).
 */
export class Coordinator {
  readonly #parts: CoordinatorParts
  /** Downstream first: a reader cut before its writer is covered by the writer's cut of the same turn. */
  readonly #segments: readonly CheckpointedSegment[]
  readonly #underWay = new Map<string, Promise<boolean>>()
  #cancelTimer: () => void = () => {}
  #stopped = false
  #lastCommit: number

  constructor(segments: readonly CheckpointedSegment[], parts: CoordinatorParts) {
    this.#segments = segments.toReversed()
    this.#parts = parts
    this.#lastCommit = parts.clock.monotonic()
  }

  /** Milliseconds since an epoch was last committed, or since the start. */
  get age(): number {
    return this.#parts.clock.monotonic() - this.#lastCommit
  }

  start(): void {
    this.#cancelTimer = this.#parts.clock.timer(this.#parts.interval, () => {
      this.checkpointSoon()
      if (!this.#stopped) this.start()
    })
  }

  stop(): void {
    this.#stopped = true
    this.#cancelTimer()
  }

  /** Resolves when nothing of an epoch is under way any more; for after `stop`. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay.values())
  }

  /** Begins an epoch in every segment that has none under way. */
  checkpointSoon(): void {
    if (this.#stopped) return
    for (const segment of this.#segments) {
      if (!this.#underWay.has(segment.id)) this.#begin(segment).catch(this.#parts.failed)
    }
  }

  /** An epoch of every segment, one after the other; says whether anything had happened since the last ones. */
  async checkpointNow(): Promise<boolean> {
    let moved = false
    for (const segment of this.#segments) {
      while (this.#underWay.has(segment.id)) await this.#underWay.get(segment.id)
      moved = (await this.#begin(segment)) || moved
    }
    return moved
  }

  /** The last epoch of a segment, after its pumps have ended: resolves when it is committed. */
  async checkpointLast(segment: CheckpointedSegment): Promise<void> {
    while (this.#underWay.has(segment.id)) await this.#underWay.get(segment.id)
    await this.#begin(segment)
  }

  #begin(segment: CheckpointedSegment): Promise<boolean> {
    const epoch = this.#runEpoch(segment).finally(() => this.#underWay.delete(segment.id))
    this.#underWay.set(segment.id, epoch)
    return epoch
  }

  /** Says whether there was anything to commit. */
  async #runEpoch(segment: CheckpointedSegment): Promise<boolean> {
    const cut = await segment.cut()
    if (cut === undefined) return false
    const sinks = await cut.flushed
    await this.#covered(cut)
    if (this.#parts.signal.aborted) return false
    const { positions, released, watermarks, states } = cut
    const epoch: Epoch = {
      positions,
      released,
      sinks,
      ...(watermarks === undefined ? {} : { watermarks }),
      ...(states === undefined ? {} : { states }),
    }
    if (!(await this.#commit(epoch))) return false
    this.#lastCommit = this.#parts.clock.monotonic()
    await segment.committed(epoch)
    return true
  }

  /** What was taken back while the pipeline stops is read again at the next start: the last epoch stands. */
  async #covered({ covered }: SegmentCut): Promise<void> {
    try {
      await covered()
    } catch (error) {
      const { stopping } = this.#parts
      throw error instanceof RetryableError && stopping.aborted ? new GaveUpError('checkpoint', error.message) : error
    }
  }

  /**
   * A full disk under the state folder delays commits and loses nothing: what is not committed is read again. Says
   * whether the epoch is durable; it is not when the pipeline ended while it waited.
   */
  async #commit(epoch: Epoch): Promise<boolean> {
    const { store, clock, health, signal, stopping } = this.#parts
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        await store.commit(epoch)
        if (attempt > 1) health.ok()
        return true
      } catch (error) {
        if (errorCode(error) !== 'ENOSPC' && errorCode(error) !== 'EDQUOT') throw error
        health.degraded(DISK_FULL)
        if (stopping.aborted && !signal.aborted) throw new GaveUpError('checkpoint', DISK_FULL)
        await sleep(clock, RETRY_COMMIT_MS, stopping)
      }
    }
    return false
  }
}

const RETRY_COMMIT_MS = 1000
const DISK_FULL = 'disk full, checkpoints cannot be written'
