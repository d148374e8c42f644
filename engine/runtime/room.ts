import type { Notifier } from '../notifier.ts'
import type { Delivery } from './delivery.ts'
import { faultOf } from './fault.ts'
import type { BatchQueue } from './queue.ts'

/** `soon`: a queue behind is full, and its reader is at work. `none`: a sink there is full, for as long as that takes. */
export type Room = 'there' | 'soon' | 'none'

interface Behind {
  readonly sinks: ReadonlyMap<string, Delivery>
  readonly queues: ReadonlyMap<string, BatchQueue>
  /** Notified when a sink that was full has room. */
  readonly wake: Notifier
}

/** The room behind a pump, which is waited for before a batch is pulled, never inside `write`: cuts go on meanwhile. */
export class RoomBehind {
  readonly #behind: Behind
  #awaited: Promise<void> | undefined
  #error: unknown

  constructor(behind: Behind) {
    this.#behind = behind
  }

  /** Throws what a sink that made room failed with. */
  look(): Room {
    if (this.#error !== undefined) throw this.#error
    for (const queue of this.#behind.queues.values()) if (queue.blocked) return 'soon'
    for (const { component, sink } of this.#behind.sinks.values()) {
      const room = sink.full?.()
      if (room === undefined) continue
      // Once per promise: a reaction for each look would pile up on one that stays open for days.
      if (room !== this.#awaited) this.#wakeAfter(room, component)
      this.#awaited = room
      return 'none'
    }
    for (const queue of this.#behind.queues.values()) if (queue.held) return 'none'
    return 'there'
  }

  #wakeAfter(room: Promise<void>, component: string): void {
    const keep = (error: unknown) => {
      this.#error = faultOf(component, error)
    }
    room.catch(keep).then(() => this.#behind.wake.notify())
  }
}
