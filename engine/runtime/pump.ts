import { piecesOf } from '../batch.ts'
import type { Notifier } from '../notifier.ts'
import type { Json } from '../record.ts'
import type { Target } from '../topology/graph.ts'
import type { Breaker } from './breaker.ts'
import { faultOf } from './fault.ts'
import { Passage, type PassageParts } from './passage.ts'
import type { BatchQueue, QueueItem } from './queue.ts'
import { unreadable } from './rejections.ts'
import { settleAll } from './settle.ts'

export interface PumpParts extends PassageParts {
  readonly id: string
  readonly inputs: readonly PumpInput[]
  /** The name under which the state of `rejections` is kept. */
  readonly rejectionsName: string
  readonly breaker: Breaker
  /** Notified by the queues in front (something came) and behind (there is room again). */
  readonly wake: Notifier
  /** Aborted when the pipeline is to end: what finds no room then is left to the next start. */
  readonly stopping: AbortSignal
}

export interface PumpInput {
  /** `entry`: from a source, cut wherever the pump stands. `inner`: from another pump, whose barriers travel in it. */
  readonly kind: 'entry' | 'inner'
  readonly queue: BatchQueue
  readonly targets: readonly Target[]
}

/** Source component -> partition -> position; undefined: the partition will never be read again. */
export type Positions = ReadonlyMap<string, ReadonlyMap<string, Json | undefined>>

/** One pump's share of an epoch. */
export interface Cut {
  /** Nothing has happened since the last one. */
  readonly empty: boolean
  /** After the last batch of the epoch. */
  readonly positions: Positions
  /** Resolves with the states of its sinks when the epoch is durable there. */
  readonly flushed: Promise<ReadonlyMap<string, Json>>
}

/**
 * Takes batches from its queues, one at a time, drives each through the processors and into the sinks, and cuts
 * between two of them. The only loop that touches records: order needs no lock, and a cut needs no barrier inside it.
 */
export class Pump {
  readonly id: string
  readonly #parts: PumpParts
  readonly #passage: Passage
  #turn = 0
  #positions = new Map<string, Map<string, Json | undefined>>()
  #dirty = false
  #ended = false
  #halted = false
  #awaitedRoom: Promise<void> | undefined
  #roomError: unknown
  #failed: (error: unknown) => void = () => {}
  #cutAsked: ((cut: Cut) => void) | undefined

  constructor(parts: PumpParts) {
    this.id = parts.id
    this.#parts = parts
    this.#passage = new Passage(parts)
  }

  /**
   * Resolves when all inputs have ended and everything has left; the last cut comes after. `failed` is told of a failed
   * sink at once, while the other sinks still finish what they are writing.
   */
  async run(failed: (error: unknown) => void): Promise<void> {
    this.#failed = failed
    this.#parts.stopping.addEventListener('abort', () => this.#parts.wake.notify(), { once: true })
    while (!this.#halted) {
      this.#cutIfDue()
      // Before the conditions are looked at: asking a sink for room may ask for a cut, which must not be slept through.
      const woken = this.#parts.wake.wait()
      const room = this.#room()
      const input = this.#nextInput(room)
      this.#holdInputs(room, input)
      if (input !== undefined) await this.#drive(input.queue.take(), input.targets)
      else if (this.#isDone(room)) break
      else await woken
    }
    this.#ended = true
    for (const queue of this.#parts.queues.values()) queue.end()
    this.#cutIfDue()
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
    this.#abandonCut()
    this.#parts.wake.notify()
  }

  #abandonCut(): void {
    this.#cutAsked?.({ empty: true, positions: new Map(), flushed: NOTHING_FLUSHED })
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

  #takeCut(): Cut {
    const cut = {
      empty: !this.#dirty,
      positions: this.#positions,
      flushed: this.#dirty ? this.#flush() : NOTHING_FLUSHED,
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

  /** Room is waited for before a batch is pulled, never inside `write`: cuts go on meanwhile. */
  #room(): Room {
    if (this.#roomError !== undefined) throw this.#roomError
    for (const queue of this.#parts.queues.values()) if (queue.blocked) return 'soon'
    for (const { component, sink } of this.#parts.sinks.values()) {
      const room = sink.full?.()
      if (room === undefined) continue
      // Once per promise: a reaction for each look would pile up on one that stays open for days.
      if (room !== this.#awaitedRoom) this.#wakeAfter(room, component)
      this.#awaitedRoom = room
      return 'none'
    }
    for (const queue of this.#parts.queues.values()) if (queue.held) return 'none'
    return 'there'
  }

  #wakeAfter(room: Promise<void>, component: string): void {
    const keep = (error: unknown) => {
      this.#roomError = faultOf(component, error)
    }
    room.catch(keep).then(() => this.#parts.wake.notify())
  }

  /** The inputs take turns, so that a busy one cannot starve the others. */
  #nextInput(room: Room): PumpInput | undefined {
    const { inputs } = this.#parts
    for (let tried = 0; tried < inputs.length; tried++) {
      const input = inputs[this.#turn % inputs.length]
      this.#turn += 1
      if (input?.queue.head === 'item' && (room === 'there' || this.#mustDrain(input, room))) return input
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

  async #drive(item: QueueItem, targets: readonly Target[]): Promise<void> {
    const { batch, failed, position, lease } = item
    this.#parts.rejections.add(failed.map(unreadable))
    let failures = failed.length
    const pieces = targets.some(({ kind }) => kind === 'processor') ? piecesOf(batch, PIECE_RECORDS) : [batch]
    for (const piece of pieces) failures += await this.#passage.drive(piece, targets, lease, this.#failed)
    this.#account(item)
    lease.release()
    this.#parts.breaker.count(position === undefined ? 0 : batch.size + failed.length, failures)
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

/** `soon`: a queue behind is full, and its reader is at work. `none`: a sink there is full, for as long as that takes. */
type Room = 'there' | 'soon' | 'none'

/** What processors see at once: parsed records take some ten times the room of their bytes. */
const PIECE_RECORDS = 128

const NOTHING_FLUSHED: Promise<ReadonlyMap<string, Json>> = Promise.resolve(new Map())
