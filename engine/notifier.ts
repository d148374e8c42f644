/**
 * Wakes a loop that waits for one of many things. Call `wait` first, then look at the conditions, and await it only if
 * none holds: what happens while they are looked at is then not slept through (D-10). A spare wake-up does no harm.
 */
export class Notifier {
  #wake: (() => void) | undefined
  #waiting: Promise<void> | undefined

  notify(): void {
    this.#wake?.()
    this.#wake = undefined
    this.#waiting = undefined
  }

  wait(): Promise<void> {
    this.#waiting ??= new Promise((resolve) => {
      this.#wake = resolve
    })
    return this.#waiting
  }
}
