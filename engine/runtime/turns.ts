import { Notifier } from '../notifier.ts'
import type { Turn } from '../plugin.ts'

/** Gives out turns, in an order that is the same in every process: the first one goes first. */
export class Turns {
  readonly #changed = new Notifier()
  /** Those that have not passed. Whoever stepped aside stands at the end. */
  readonly #waiting: Turn[] = []

  next(): Turn {
    const turn: Turn = {
      mine: async () => {
        for (;;) {
          const changed = this.#changed.wait()
          if (this.#waiting[0] === turn || !this.#waiting.includes(turn)) return
          await changed
        }
      },
      stepAside: () => {
        if (this.#leave(turn)) this.#waiting.push(turn)
        this.#changed.notify()
      },
      pass: () => {
        this.#leave(turn)
        this.#changed.notify()
      },
    }
    this.#waiting.push(turn)
    return turn
  }

  #leave(turn: Turn): boolean {
    const at = this.#waiting.indexOf(turn)
    if (at >= 0) this.#waiting.splice(at, 1)
    return at >= 0
  }
}
