import type { Health } from '../../../engine/plugin.ts'

/** What is wrong at the moment, as one state of the component that is said when it changes. */
export class Troubles {
  readonly #health: Health
  readonly #reasons = new Map<string, string>()
  #said = ''

  constructor(health: Health) {
    this.#health = health
  }

  /** `subject` has this trouble, or none. */
  set(subject: string, reason: string | undefined): void {
    if (reason === undefined) this.#reasons.delete(subject)
    else this.#reasons.set(subject, reason)
    this.#say()
  }

  /** All troubles of one kind, by subject: what is not among them has passed. */
  replace(kind: string, reasons: ReadonlyMap<string, string>): void {
    for (const subject of this.#reasons.keys()) {
      if (subject.startsWith(`${kind} `)) this.#reasons.delete(subject)
    }
    for (const [subject, reason] of reasons) this.#reasons.set(`${kind} ${subject}`, reason)
    this.#say()
  }

  #say(): void {
    const [first, ...others] = this.#reasons.values()
    const state = first === undefined ? '' : others.length === 0 ? first : `${first}, and ${others.length} more`
    if (state === this.#said) return
    this.#said = state
    if (state === '') this.#health.ok()
    else this.#health.degraded(state)
  }
}
