import { StreamrunError } from '../errors.ts'
import type { Storage } from '../storage.ts'
import type { Segment } from './segment.ts'

/** What the parts of one open log share. Everything up to `end` is in whole frames of the segments. */
export class LogState {
  readonly storage: Storage
  readonly folder: string
  /** In order, at least one; only the last is written to. */
  readonly segments: Segment[]
  end: number
  durableEnd: number
  /** Why the log cannot be used any more. */
  failure: StreamrunError | undefined = undefined

  constructor(storage: Storage, folder: string, segments: Segment[], end: number) {
    this.storage = storage
    this.folder = folder
    this.segments = segments
    this.end = end
    this.durableEnd = end
  }

  get first(): number {
    return (this.segments[0] as Segment).base
  }

  get last(): Segment {
    return this.segments.at(-1) as Segment
  }

  get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.size, 0)
  }

  refuseIfFailed(): void {
    if (this.failure !== undefined) throw this.failure
  }

  /** Nothing is known about the files any more: every later call rejects with the same error. */
  fail(error: unknown): void {
    this.failure ??=
      error instanceof StreamrunError
        ? error
        : new StreamrunError('SR_IO', `${this.folder}: ${error}`, { cause: error })
  }
}
