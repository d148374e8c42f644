import type { Processed, Processor, Wake } from '../plugin.ts'
import type { StageTime } from '../time/stage-time.ts'

/** Time on its way through the processors of a pump. */
export class Sweep {
  readonly target: number
  readonly #stages: readonly TimedStage[]
  readonly #now: number
  #at = 0
  #due: Due | undefined
  readonly #woken = new Set<Wake['kind']>()

  constructor(stages: readonly TimedStage[], target: number, now: number) {
    this.#stages = stages
    this.target = target
    this.#now = now
  }

  get due(): Due | undefined {
    for (let stage = this.#stages[this.#at]; stage !== undefined; stage = this.#stages[this.#at]) {
      this.#due ??= this.#dueAt(stage)
      if (this.#due !== undefined) return this.#due
      stage.time.pass(this.target)
      this.#woken.clear()
      this.#at += 1
    }
    return undefined
  }

  woke(answer: Processed): void {
    const due = this.#due
    if (due === undefined || answer === 'more') return
    this.#woken.add(due.time.kind)
    this.#due = undefined
  }

  #dueAt(stage: TimedStage): Due | undefined {
    const { name, processor, time } = stage
    if (processor.wake === undefined) return undefined
    const { event = Number.POSITIVE_INFINITY, clock = Number.POSITIVE_INFINITY } = processor.wakeAt?.() ?? {}
    const watermark = this.target - time.lag
    if (event <= watermark && !this.#woken.has('event')) return { name, time: { kind: 'event', watermark } }
    if (clock <= this.#now && !this.#woken.has('clock')) return { name, time: { kind: 'clock', now: this.#now } }
    return undefined
  }
}

export interface TimedStage {
  readonly name: string
  readonly processor: Processor
  readonly time: StageTime
}

/** A processor that is to be woken, and what it is told. */
export interface Due {
  readonly name: string
  readonly time: Wake
}
