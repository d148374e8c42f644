import type { Health, Logger } from '../plugin.ts'

/** What every component is waiting for, if anything: one clear state each, said once when it changes. */
export class HealthBoard {
  readonly #logger: (component: string) => Logger
  readonly #reasons = new Map<string, string>()

  constructor(logger: (component: string) => Logger) {
    this.#logger = logger
  }

  /** Component -> what it waits for. */
  get degraded(): ReadonlyMap<string, string> {
    return this.#reasons
  }

  of(component: string): Health {
    const log = this.#logger(component)
    return {
      degraded: (reason) => {
        if (this.#reasons.get(component) !== reason) log.warn(`waiting: ${reason}`)
        this.#reasons.set(component, reason)
      },
      ok: () => {
        if (this.#reasons.delete(component)) log.info('going on')
      },
    }
  }
}
