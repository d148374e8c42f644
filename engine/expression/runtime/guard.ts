import { LimitReached, type Limits } from '../limits.ts'
import { fail } from './failure.ts'

/**
 * What one compiled expression may still use in the evaluation at hand. Evaluations are synchronous, so one counter is
 * enough; without limits nothing is counted.
 */
export class Guard {
  readonly sequence: number
  readonly limits: Partial<Limits>
  readonly now: () => number
  readonly clock: () => number
  readonly #depth: number
  /** Something below has been counted since the last `reset`. */
  #isUsed = false
  #left = STEPS
  #deadline: number | undefined
  /** Functions that are at work, one in the other. Who catches an error of one of them puts it back. */
  level = 0
  #made = 0
  /** When the evaluation began, for `$now` and `$millis`. */
  #time: number | undefined

  /** `now` is for the limit of time, `clock` for `$now` and `$millis`. */
  constructor(limits: Partial<Limits>, now: () => number, clock: () => number) {
    this.limits = limits
    this.now = now
    this.clock = clock
    this.sequence = limits.sequence ?? Number.POSITIVE_INFINITY
    this.#depth = limits.depth ?? Number.POSITIVE_INFINITY
  }

  /** Called before each evaluation of an expression that can use something up; most evaluations use nothing. */
  reset(): void {
    if (!this.#isUsed) return
    this.#isUsed = false
    this.#left = STEPS
    this.#deadline = undefined
    this.level = 0
    this.#made = 0
    this.#time = undefined
  }

  millis(): number {
    this.#isUsed = true
    this.#time ??= this.clock()
    return this.#time
  }

  /** Before a loop of `steps`; looks at the clock only now and then. */
  tick(steps: number): void {
    // Partial applications hand in what is no array and has no length.
    if (steps > 0) this.#left -= steps
    this.#isUsed = true
    if (this.#left < 0) this.#lookAtClock()
  }

  #lookAtClock(): void {
    this.#left = STEPS
    const { time } = this.limits
    if (time === undefined) return
    const now = this.now()
    this.#deadline ??= now + time
    if (now > this.#deadline) fail('D1012', { value: time })
  }

  enter(): void {
    this.tick(1)
    if (++this.level > this.#depth) fail('D1011', { value: this.limits.depth })
  }

  leave(): void {
    this.level--
  }

  /** `length` items are more than a sequence may have. */
  tooLong(length: number): never {
    fail('D2015', { value: length })
  }

  checkLength(length: number): void {
    if (length > this.sequence) this.tooLong(length)
  }

  /** Hands on a text that was made; short ones cost nothing. */
  text(text: string): string {
    if (text.length > SHORT) this.make(text.length)
    return text
  }

  make(characters: number): void {
    const { text = Number.POSITIVE_INFINITY, made = Number.POSITIVE_INFINITY } = this.limits
    this.#made += characters
    this.#isUsed = true
    if (characters > text) throw new LimitReached(`makes a text of more than ${text} characters`)
    if (this.#made > made) throw new LimitReached(`makes texts of more than ${made} characters in all`)
  }
}

/** Between two looks at the clock. */
const STEPS = 2000

/** Texts up to this length are bounded by the length of sequences and by time. */
const SHORT = 256
