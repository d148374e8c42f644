import { type Batch, markedBatch } from '../batch.ts'
import type { Clock } from '../clock.ts'
import type { Processed } from '../plugin.ts'
import { InputTime, type Moment } from '../time/input-time.ts'
import type { TimeRelay } from '../time/relay.ts'
import { arrivalTimes, type TimedBatch } from '../time/timestamps.ts'
import { Watermarks } from '../time/watermarks.ts'
import type { BatchQueue, QueueItem } from './queue.ts'
import { type Due, Sweep, type TimedStage } from './sweep.ts'
import { CARRIED, isCaughtUp, type KeptInput, partitionOf, type TimedInput } from './timed-input.ts'

export interface TimekeeperParts {
  readonly clock: Clock
  readonly inputs: readonly TimedInput[]
  /** The processors of the pump, each behind all that it reads. */
  readonly stages: readonly TimedStage[]
  /** Where its records go on to other pumps, and by how much they may be held back on their way there. */
  readonly relays: readonly { readonly relay: TimeRelay; readonly lag: number }[]
  /** The name under which its own watermark is kept. */
  readonly name: string
  readonly kept: KeptTime
  /** Called when the clock has reached something that was waited for. */
  readonly wake: () => void
}

/** How far the pump had come at the last checkpoint: to which watermark, and up to which all that was due was done. */
export interface KeptTime {
  readonly reached: number
  readonly passed: number
}

/** Watermarks that moved, by source or pump; undefined: that of a partition that is gone. */
export type TimeChanges = ReadonlyMap<string, ReadonlyMap<string, number | undefined>>

/**
 * Event time in one pump: marks records with the watermark at which they came, says which processor is to be woken next,
 * and hands time on to the pumps behind. Time moves between two batches, through the processors in graph order.
 */
export class Timekeeper {
  readonly #parts: TimekeeperParts
  readonly #inputs: readonly KeptInput[]
  readonly #watermarks: Watermarks
  #passed: number
  /** A batch was taken since time last went through the processors. */
  #moved = true
  #sweep: Sweep | undefined
  /** When the clock last woke a processor: one that asks for the same moment again must let it pass. */
  readonly #wokenAt = new Map<string, number>()
  #ending = false
  #caughtUp = false
  #timer: { readonly at: number; readonly cancel: () => void } | undefined
  #kept: KeptTime

  constructor(parts: TimekeeperParts) {
    this.#parts = parts
    const now = this.#now()
    this.#inputs = parts.inputs.map((input) => {
      const time = new InputTime(input.rule, input.kept, now)
      if (input.rule.kind === 'carried') time.know(CARRIED)
      return { ...input, time }
    })
    this.#watermarks = new Watermarks(
      this.#inputs.map(({ time }) => time),
      parts.kept.reached,
    )
    this.#kept = parts.kept
    this.#passed = parts.kept.passed
  }

  get readsSources(): boolean {
    return this.#inputs.some(({ rule }) => rule.kind !== 'carried')
  }

  /** For people: how far it has come, and what it waits for. */
  get reading(): { readonly watermark: number; readonly heldBy: string | undefined } {
    const holder = this.#watermarks.holderAt(this.#now())
    const input = this.#inputs.find(({ time }) => time === holder?.input)
    const names = [input?.component, holder?.partition].filter((name) => name !== undefined && name !== '')
    return { watermark: this.#watermarks.current, heldBy: names.length === 0 ? undefined : names.join(' ') }
  }

  /** All that the end of input made due is done. */
  get ended(): boolean {
    return this.#ending && this.#sweep === undefined && this.#passed === Number.POSITIVE_INFINITY
  }

  /** A part of an item with the times and the marks of its records, and those that have no time. */
  stamp(queue: BatchQueue, item: QueueItem, piece: Batch): TimedBatch | Promise<TimedBatch> {
    const input = this.#inputOf(queue)
    if (input.rule.kind === 'arrival') return this.#mark(input, item, arrivalTimes(piece, this.#watermarks.current))
    if (input.read === undefined) return this.#markCarried(input, item, piece)
    const read = input.read(piece)
    return read instanceof Promise
      ? read.then((timed) => this.#mark(input, item, timed))
      : this.#mark(input, item, read)
  }

  #mark(input: KeptInput, item: QueueItem, timed: TimedBatch): TimedBatch {
    this.#lookAtQueues()
    const marks = this.#watermarks.markByTime(input.time, partitionOf(input, item), timed.times, this.#now())
    return { ...timed, batch: markedBatch(timed.batch, marks) }
  }

  #markCarried(input: KeptInput, item: QueueItem, piece: Batch): TimedBatch {
    this.#lookAtQueues()
    const partition = partitionOf(input, item)
    const marks = this.#watermarks.markCarried(input.time, partition, piece.marks, piece.size, this.#now())
    return { batch: markedBatch(piece, marks), times: NO_TIMES, refused: [] }
  }

  /** The processors are done with these records. */
  drove({ marks }: Batch): void {
    const last = marks?.at(-1)
    if (last === undefined) return
    for (const { time } of this.#parts.stages) time.pass(last)
  }

  /** What waits at the head of this queue is too far ahead of the other inputs to be taken. */
  isAhead(queue: BatchQueue): boolean {
    return this.#awaitedBy(this.#inputOf(queue)) !== undefined
  }

  #awaitedBy(input: KeptInput): number | undefined {
    const item = input.rule.kind === 'event' ? input.queue.first : undefined
    return item && this.#watermarks.awaitedBy(input.time, partitionOf(input, item), this.#now())
  }

  /** An item was taken, and what it held is handed over. */
  took(queue: BatchQueue, item: QueueItem): void {
    const input = this.#inputOf(queue)
    const partition = partitionOf(input, item)
    this.#moved = true
    if (item.watermark !== undefined) input.time.moveTo(partition, item.watermark)
    if (item.position !== undefined && item.position.value === undefined) input.time.forget(partition)
    else if (item.said !== undefined) input.time.took(partition, item.said, this.#now())
  }

  /** Between two batches: has time come on? Then `due` says who is to be woken. */
  settle(): void {
    if (this.#sweep !== undefined) return
    this.#lookAtQueues()
    this.#lookAtCarriers()
    const now = this.#now()
    const target = this.#ending ? Number.POSITIVE_INFINITY : this.#watermarks.settle(now)
    const isDue = target > this.#passed && (this.#moved || target >= this.#wanted)
    if (isDue || this.#clockIsDue(now)) this.#sweep = new Sweep(this.#parts.stages, target, this.#clockNow(now))
    this.#noteCaughtUp(now)
  }

  /** The processor that is to be woken next, the same one until `woke` is told of it. */
  get due(): Due | undefined {
    if (this.#sweep === undefined) return undefined
    const due = this.#sweep.due
    if (due === undefined) this.#finish(this.#sweep.target)
    return due
  }

  woke({ name, time }: Due, answer: Processed): void {
    this.#sweep?.woke(answer)
    if (time.kind === 'clock') this.#wokenAt.set(name, time.now)
  }

  /** Every input has ended: time comes to its end. It is no watermark that a checkpoint keeps. */
  end(): void {
    this.#ending = true
  }

  /** Nothing is to be done: wakes the pump when the clock alone makes something due. */
  rest(): void {
    const now = this.#now()
    const wanted = this.#wanted
    for (const { carrier } of this.#inputs) carrier?.relay.want(wanted)
    const awaited = this.#inputs.map((input) => this.#awaitedBy(input) ?? Number.POSITIVE_INFINITY)
    const event = Math.min(wanted, ...awaited)
    const eventIn = event < Number.POSITIVE_INFINITY ? this.#watermarks.reachesIn(event, now) : undefined
    this.#setTimer(Math.min(eventIn ?? Number.POSITIVE_INFINITY, this.#clockWakesIn(now)), now)
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  /** At a cut: what moved since the last one. */
  takeChanges(): TimeChanges {
    const changes = new Map<string, ReadonlyMap<string, number | undefined>>()
    for (const { component, time } of this.#inputs) {
      const moved = time.takeChanges()
      if (component !== undefined && moved.size > 0) changes.set(component, moved)
    }
    const reached = this.#watermarks.current
    const passed = Math.min(this.#passed, reached)
    if (reached > Number.NEGATIVE_INFINITY && (reached !== this.#kept.reached || passed !== this.#kept.passed)) {
      const finite = passed === Number.NEGATIVE_INFINITY ? undefined : passed
      changes.set(this.#parts.name, new Map<string, number | undefined>(Object.entries({ reached, passed: finite })))
      this.#kept = { reached, passed }
    }
    return changes
  }

  #lookAtQueues(): void {
    for (const { queue, time } of this.#inputs) {
      time.waiting = queue.head === 'item' || queue.head === 'barrier'
      if (queue.head === 'ended' && !time.ended) time.end()
    }
  }

  /** Only between two items: time that goes beside the records must not overtake those under way. */
  #lookAtCarriers(): void {
    for (const { time, carrier } of this.#inputs) {
      if (carrier?.drained === undefined || time.ended || time.waiting) continue
      if (carrier.drained()) time.moveTo(CARRIED, carrier.relay.watermark)
    }
  }

  #finish(target: number): void {
    this.#sweep = undefined
    this.#passed = Math.max(this.#passed, target)
    this.#moved = false
    // Those behind come to the end when nothing is left to read.
    if (target === Number.POSITIVE_INFINITY) return
    for (const { relay, lag } of this.#parts.relays) relay.advance(target - lag)
  }

  /** The next watermark that somebody waits for, and that it has not come to yet. */
  get #wanted(): number {
    let least = Number.POSITIVE_INFINITY
    for (const { processor, time } of this.#parts.stages) {
      const event = processor.wakeAt?.()?.event
      if (event !== undefined && event + time.lag > this.#passed) least = Math.min(least, event + time.lag)
    }
    for (const { relay, lag } of this.#parts.relays) {
      if (relay.wanted > relay.watermark) least = Math.min(least, relay.wanted + lag)
    }
    return least
  }

  #clockIsDue(now: Moment): boolean {
    return this.#caughtUp && this.#parts.stages.some((stage) => this.#clockOf(stage, now) <= now.wall)
  }

  /** The moment of the clock that it waits for. */
  #clockOf({ name, processor }: TimedStage, now: Moment): number {
    const { clock = Number.POSITIVE_INFINITY } = (processor.wake && processor.wakeAt?.()) ?? {}
    return this.#wokenAt.get(name) === now.wall ? Math.max(clock, now.wall + 1) : clock
  }

  /** What fell due by the clock while the pipeline was down waits until the sources have caught up. */
  #clockNow(now: Moment): number {
    return this.#caughtUp ? now.wall : Number.NEGATIVE_INFINITY
  }

  #clockWakesIn(now: Moment): number {
    const next = Math.min(...this.#parts.stages.map((stage) => this.#clockOf(stage, now)))
    if (next === Number.POSITIVE_INFINITY) return next
    if (this.#caughtUp) return next - now.wall
    const unknown = this.#inputs.filter(({ time }) => time.unknown).map(({ time }) => time.idleIn(now))
    return unknown.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...unknown)
  }

  #noteCaughtUp(now: Moment): void {
    if (this.#caughtUp || !this.#inputs.every((input) => isCaughtUp(input, now))) return
    this.#caughtUp = true
    for (const { relay } of this.#parts.relays) relay.catchUp()
    this.#parts.wake()
  }

  #setTimer(delay: number, now: Moment): void {
    const at = now.monotonic + delay
    if (at === this.#timer?.at) return
    this.close()
    if (delay === Number.POSITIVE_INFINITY) return
    const cancel = this.#parts.clock.timer(Math.max(1, Math.ceil(delay)), () => {
      this.#timer = undefined
      this.#parts.wake()
    })
    this.#timer = { at, cancel }
  }

  #inputOf(queue: BatchQueue): KeptInput {
    const input = this.#inputs.find((one) => one.queue === queue)
    if (input === undefined) throw new Error('a queue that is no input of this pump')
    return input
  }

  #now(): Moment {
    const { clock } = this.#parts
    return { monotonic: clock.monotonic(), wall: clock.now() }
  }
}

const NO_TIMES = new Float64Array(0)
