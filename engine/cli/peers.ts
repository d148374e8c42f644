import type { Definition } from '../config/definition.ts'

/** The pipelines of a process, of which none knows what the others write before all of them are open, or have ended. */
export class Peers {
  readonly open: Promise<void>
  readonly #missing: Set<Definition>
  #go: () => void = () => {}

  constructor(definitions: readonly Definition[]) {
    this.#missing = new Set(definitions)
    this.open = new Promise((resolve) => {
      this.#go = resolve
    })
  }

  arrive(definition: Definition): void {
    this.#missing.delete(definition)
    if (this.#missing.size === 0) this.#go()
  }
}
