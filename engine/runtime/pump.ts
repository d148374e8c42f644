import { type Batch, piecesOf } from '../batch.ts'
import type { StateDelta } from '../checkpoint/state-tables.ts'
import type { Notifier } from '../notifier.ts'
import type { Json } from '../record.ts'
import type { TimedBatch } from '../time/timestamps.ts'
import type { Target } from '../topology/graph.ts'
import type { Breaker } from './breaker.ts'
import { type Cut, NOTHING } from './cut.ts'
import { Passage, type PassageParts } from './passage.ts'
import type { BatchQueue, QueueItem } from './queue.ts'
import { refusedBy, unreadable } from './rejections.ts'
import { type Room, RoomBehind } from './room.ts'
import { settleAll } from './settle.ts'
import type { Due } from './sweep.ts'
import type { Timekeeper } from './timekeeper.ts'

export interface PumpParts extends PassageParts {
  readonly id: string
  readonly inputs: readonly PumpInput[]
  /** The name under which the state of `rejections` is kept. */
  readonly rejectionsName: string
  readonly breaker: Breaker
  /** Notified by the queues in front too, when something came. */
  readonly wake: Notifier
  /** Aborted when the pipeline is to end: what finds no room then is left to the next start. */
  readonly stopping: AbortSignal
  /** Undefined where time does not matter. */
  readonly time?: Timekeeper | undefined
  /** What the processors have changed in their states since the last cut. */
  readonly takeStates?: (() => readonly StateDelta[]) | undefined
}

export interface PumpInput {
  /** `entry`: from a source, cut wherever the pump stands. `inner`: from another pump, whose barriers travel in it. */
  readonly kind: 'entry' | 'inner'
  readonly queue: BatchQueue
  readonly targets: readonly Target[]
}

/**
 * Takes batches from its queues, one at a time, drives each through the processors and into the sinks, and cuts
 * between two of them. The only loop that touches records: order needs no lock, and a cut needs no barrier inside it.
 */
export class Pump {
  readonly id: string
  readonly #parts: PumpParts
  readonly #passage: Passage
  readonly #roomBehind: RoomBehind
  #turn = 0
  #positions = new Map<string, Map<string, Json | undefined>>()
  #dirty = false
  #ended = false
  #halted = false
  #failed: (error: unknown) => void = () => {}
  #cutAsked: ((cut: Cut) => void) | undefined

  constructor(parts: PumpParts) {
    this.id = parts.id
    this.#parts = parts
    this.#passage = new Passage(parts)
    this.#roomBehind = new RoomBehind(parts)
  }

  /**
   * Resolves when all inputs have ended and everything has left; the last cut comes after. `failed` is told of a failed
   * sink at once, while the other sinks still finish what they are writing.
   */
  async run(failed: (error: unknown) => void): Promise<void> {
    this.#failed = failed
    this.#parts.stopping.addEventListener('abort', () => this.#parts.wake.notify(), { once: true })
    try {
      await this.#work()
    } finally {
      this.#parts.time?.close()
    }
    this.#ended = true
    for (const queue of this.#parts.queues.values()) queue.end()
    this.#cutIfDue()
  }

  async #work(): Promise<void> {
    while (!this.#halted) {
      this.#cutIfDue()
      // Before the conditions are looked at: asking a sink for room may ask for a cut, which must not be slept through.
      const woken = this.#parts.wake.wait()
      const room = this.#roomBehind.look()
      const due = this.#due()
      if (due !== undefined && room === 'there') {
        await this.#wake(due)
        continue
      }
      const input = this.#nextInput(room)
      this.#holdInputs(room, input)
      if (input !== undefined) await this.#drive(input)
      else if (this.#isDone(room) && (due === undefined || this.#parts.stopping.aborted)) {
        if (this.#endsTime()) return
      } else {
        this.#parts.time?.rest()
        await woken
      }
    }
  }

  /** Undefined where time does not matter. */
  get time(): Timekeeper | undefined {
    return this.#parts.time
  }

  /** Cuts between two batches: at once when it waits or has ended, else after the batch under way. */
  cut(): Promise<Cut> {
    return new Promise((resolve) => {
      this.#cutAsked = resolve
      if (this.#halted) this.#abandonCut()
      else if (this.#ended) this.#cutIfDue()
      else this.#parts.wake.notify()
    })
  }

  /** The pipeline has failed, and no epoch will be committed any more: `run` resolves after the batch under way. */
  halt(): void {
    this.#halted = true
    this.#passage.halt()
    this.#abandonCut()
    this.#parts.wake.notify()
  }

  #abandonCut(): void {
    this.#cutAsked?.({ ...NOTHING, empty: true, positions: new Map() })
    this.#cutAsked = undefined
  }

  /**
   * DESIGN section 5: where inputs meet, a stage stops reading an input whose barrier has come until all have. Entry
   * queues are cut where they stand at that moment, so that what waits in them does not delay the epoch.
   */
  #cutIfDue(): void {
    const inner = this.#parts.inputs.filter(({ kind }) => kind === 'inner').map(({ queue }) => queue)
    if (this.#cutAsked === undefined || !inner.every(({ head }) => head === 'barrier' || head === 'ended')) return
    for (const queue of inner) if (queue.head === 'barrier') queue.takeBarrier()
    for (const queue of this.#parts.queues.values()) queue.putBarrier()
    const resolve = this.#cutAsked
    this.#cutAsked = undefined
    resolve(this.#takeCut())
  }

  /** All of it at one moment, before anything is awaited: it is one epoch (I-2). */
  #takeCut(): Cut {
    const { time, takeStates } = this.#parts
    const cut: Cut = {
      empty: !this.#dirty,
      positions: this.#positions,
      watermarks: (this.#dirty && time?.takeChanges()) || NOTHING.watermarks,
      states: (this.#dirty && takeStates?.()) || NOTHING.states,
      flushed: this.#dirty ? this.#flush() : NOTHING.flushed,
    }
    // Whoever takes the cut awaits it; until then a failure must not count as unhandled.
    cut.flushed.catch(() => {})
    this.#positions = new Map()
    this.#dirty = false
    return cut
  }

  /** Calls every `flush` before it awaits any: what is written from now on belongs to the next epoch. */
  async #flush(): Promise<ReadonlyMap<string, Json>> {
    const { sinks, rejections, rejectionsName } = this.#parts
    const flushing = [...sinks].map(([name, sink]) => [name, sink.flush()] as const)
    flushing.push([rejectionsName, rejections.flush()])
    const states = new Map<string, Json>()
    await settleAll(flushing.map(([, state]) => state))
    for (const [name, flushed] of flushing) {
      const state = await flushed
      if (state !== undefined) states.set(name, state)
    }
    return states
  }

  /** The inputs take turns, so that a busy one cannot starve the others. */
  #nextInput(room: Room): PumpInput | undefined {
    const { inputs } = this.#parts
    for (let tried = 0; tried < inputs.length; tried++) {
      const input = inputs[this.#turn % inputs.length]
      this.#turn += 1
      if (input?.queue.head !== 'item' || !(room === 'there' || this.#mustDrain(input, room))) continue
      if (!this.#parts.time?.isAhead(input.queue)) return input
    }
    return undefined
  }

  /**
   * What stands in front of a barrier belongs to the epoch that is being cut, whose commit is what makes room in a full
   * channel: it is taken without waiting for that room. The overshoot is what the queue holds. So it is at the end.
   */
  #mustDrain({ kind }: PumpInput, room: Room): boolean {
    return room === 'none' && kind === 'inner' && (this.#cutAsked !== undefined || this.#parts.stopping.aborted)
  }

  /** After an overshoot the queues in front stay empty until there is room: else every epoch would add another one. */
  #holdInputs(room: Room, taken: PumpInput | undefined): void {
    if (room === 'soon' || (room === 'none' && taken === undefined)) return
    for (const { kind, queue } of this.#parts.inputs) if (kind === 'inner') queue.hold(room === 'none')
  }

  /** No room comes any more when the readers of full channels end too: what waits at the entries is read again. */
  #isDone(room: Room): boolean {
    const leavesEntries = room === 'none' && this.#parts.stopping.aborted
    return this.#parts.inputs.every(({ kind, queue }) => queue.head === 'ended' || (leavesEntries && kind === 'entry'))
  }

  /** What time has made due; nothing where it does not matter. */
  #due(): Due | undefined {
    this.#parts.time?.settle()
    return this.#parts.time?.due
  }

  /** One call at a time, so that there may be a cut between two, and there is room for what it emits. */
  async #wake(due: Due): Promise<void> {
    const { made, failed, answer } = await this.#passage.wake(due.name, due.time, this.#failed)
    this.#parts.time?.woke(due, answer)
    this.#dirty = true
    this.#parts.breaker.count(made, failed)
  }

  /** A signal is no end of input: what is open stays so. Says whether nothing is left to do. */
  #endsTime(): boolean {
    const { time, stopping } = this.#parts
    if (time === undefined || time.ended || stopping.aborted) return true
    time.end()
    return false
  }

  async #drive({ queue, targets }: PumpInput): Promise<void> {
    const item = queue.take()
    const { batch, failed, position, lease } = item
    const { time, rejections, breaker } = this.#parts
    rejections.add(failed.map(unreadable))
    let read = position === undefined ? 0 : batch.size + failed.length
    let failures = failed.length
    const load = this.#passage.begin(lease, this.#failed)
    for (const piece of this.#piecesOf(batch, targets)) {
      const stamped = time === undefined || piece.size === 0 ? piece : this.#stamp(time, queue, item, piece)
      const records = stamped instanceof Promise ? await stamped : stamped
      await this.#passage.drive(records, targets, load)
      time?.drove(records)
      failures += piece.size - records.size
    }
    await this.#passage.handOver(load)
    read += load.made
    failures += load.failed
    time?.took(queue, item)
    if (!this.#halted) this.#account(item)
    lease.release()
    breaker.count(read, failures)
  }

  #piecesOf(batch: Batch, targets: readonly Target[]): Iterable<Batch> {
    const isTimed = this.#parts.time !== undefined
    if (targets.some(({ kind }) => kind === 'processor')) return piecesOf(batch, pieceSize(batch), isTimed)
    return isTimed ? piecesOf(batch, PASSING_RECORDS, isTimed) : [batch]
  }

  #stamp(time: Timekeeper, queue: BatchQueue, item: QueueItem, piece: Batch): Batch | Promise<Batch> {
    const reject = ({ batch, refused }: TimedBatch) => {
      const source = item.position?.source ?? this.id
      if (refused.length > 0) this.#parts.rejections.add(refused.map((one) => refusedBy(source, one)))
      return batch
    }
    const stamped = time.stamp(queue, item, piece)
    return stamped instanceof Promise ? stamped.then(reject) : reject(stamped)
  }

  /** I-1: only now, with everything of the batch handed over, does its position belong to the epoch. */
  #account({ position }: QueueItem): void {
    this.#dirty = true
    if (position === undefined) return
    const partitions = this.#positions.get(position.source) ?? new Map<string, Json | undefined>()
    partitions.set(position.partition, position.value)
    this.#positions.set(position.source, partitions)
  }
}

/** How many records processors see at once: parsed ones take some ten times the room of their bytes, which a cache should hold. */
function pieceSize(batch: Batch): number {
  // To weigh objects would take longer than it is worth.
  if (batch.frames === undefined) return LEAST_PIECE
  const records = Math.ceil((PIECE_BYTES * batch.size) / (batch.bytes + 1))
  return Math.min(MOST_PIECE, Math.max(LEAST_PIECE, records))
}

const PIECE_BYTES = 48 * 1024
const LEAST_PIECE = 128
const MOST_PIECE = 512
/** The same where only the time is looked at: sinks take few large batches faster than many small ones. */
const PASSING_RECORDS = 1024
