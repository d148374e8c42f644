import { Notifier } from '../../engine/plugin.ts'

/** A place where a component under test stops until the test lets it through; either may come first. */
export class Turnstile {
  #passes = 0
  #standing = 0
  #lives = 0
  readonly #changed = new Notifier()

  /** A way through for one run of a component: resolves when it was let through, or `signal` is aborted. */
  visitor(): (signal?: AbortSignal) => Promise<void> {
    const life = this.#lives
    return (signal) => this.#pass(signal, () => life === this.#lives)
  }

  /** The run was killed: none of its visitors is let through any more. */
  vacate(): void {
    this.#lives += 1
    this.#standing = 0
  }

  /** Lets one through: whoever stands there, or else whoever comes next. */
  open(): void {
    this.#passes += 1
    this.#changed.notify()
  }

  /** Resolves when somebody stands there. */
  async reached(): Promise<void> {
    while (this.#standing === 0) await this.#changed.wait()
  }

  async #pass(signal: AbortSignal | undefined, isAlive: () => boolean): Promise<void> {
    const wake = () => this.#changed.notify()
    signal?.addEventListener('abort', wake)
    if (isAlive()) this.#standing += 1
    wake()
    while (!(isAlive() && this.#passes > 0) && !signal?.aborted) await this.#changed.wait()
    signal?.removeEventListener('abort', wake)
    if (!isAlive()) return
    this.#standing = 0
    this.#passes = Math.max(0, this.#passes - 1)
  }
}
