/** What one processor knows of event time: how far its input has come, as a watermark of its pump less its lag. */
export class StageTime {
  /** Milliseconds that those before it may hold back. */
  readonly lag: number
  #reached: number
  #before: number

  constructor(lag: number, reached: number) {
    this.lag = lag
    this.#reached = reached
    this.#before = reached
  }

  get watermark(): number {
    return this.#reached - this.lag
  }

  /**
   * The mark of a record that was not there before this stage: what it emits because time has come to a record counts
   * as of before that. So it is where a wake-up comes between the two, and those behind are never woken before it is there.
   */
  get before(): number {
    return this.#before
  }

  /** Time has come to this watermark of the pump. */
  reach(mark: number): void {
    if (mark <= this.#reached) return
    this.#before = this.#reached
    this.#reached = mark
  }

  /** Everything that was due is emitted. */
  pass(mark: number): void {
    this.reach(mark)
    this.#before = this.#reached
  }
}
