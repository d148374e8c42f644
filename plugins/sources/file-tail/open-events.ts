import type { TailedFile } from './tailed-file.ts'

/** Files whose last event may still go on: it is handed over when nothing came for `flush_after`. */
export class OpenEvents {
  readonly #flushAfter: number
  readonly #files = new Set<TailedFile>()

  constructor(flushAfter: number) {
    this.#flushAfter = flushAfter
  }

  /** After each step of a file. */
  note(file: TailedFile): void {
    if (file.lines.isOpen) this.#files.add(file)
    else if (this.#files.size > 0) this.#files.delete(file)
  }

  remove(file: TailedFile): void {
    this.#files.delete(file)
  }

  /** When the next one is due, by the monotonic clock. */
  get nextDue(): number {
    let next = Number.POSITIVE_INFINITY
    for (const file of this.#files) next = Math.min(next, this.#dueAt(file))
    return next
  }

  /** Those whose event is to be handed over with their next step; they are noted again after it. */
  due(now: number): readonly TailedFile[] {
    if (this.#files.size === 0) return NONE
    const due = [...this.#files].filter((file) => this.#dueAt(file) <= now)
    for (const file of due) {
      file.flushing = true
      this.#files.delete(file)
    }
    return due
  }

  /** A file that was not read to its end yet is not quiet. */
  #dueAt(file: TailedFile): number {
    return (file.quietSince ?? Number.POSITIVE_INFINITY) + this.#flushAfter
  }
}

const NONE: readonly TailedFile[] = []
