import { type Clock, Notifier } from '../../../engine/plugin.ts'

/** How far each partition was handed over and committed, and how much of it is left. */
export class Places {
  readonly #clock: Clock
  readonly #handedOver = new Map<string, number>()
  readonly #committed = new Map<string, number>()
  readonly #lag = new Map<string, number>()
  readonly #met = new Set<string>()
  readonly #changed = new Notifier()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Records of all partitions that are there and not handed over yet. */
  get lag(): number {
    return [...this.#lag.values()].reduce((sum, lag) => sum + lag, 0)
  }

  /** Something was handed over. */
  get known(): boolean {
    return this.#handedOver.size > 0
  }

  /** True the first time that it is asked for a partition. */
  isNew(partition: string): boolean {
    const isNew = !this.#met.has(partition)
    this.#met.add(partition)
    return isNew
  }

  /** Behind what was handed over of a partition; undefined where that is nothing. */
  of(partition: string): number | undefined {
    return this.#handedOver.get(partition)
  }

  handOver(partition: string, next: number, end: number): void {
    this.#handedOver.set(partition, next)
    this.#lag.set(partition, Math.max(0, end - next))
  }

  committed(partition: string, offset: number): void {
    this.#committed.set(partition, offset)
    this.#changed.notify()
  }

  forget(partition: string): void {
    this.#handedOver.delete(partition)
    this.#committed.delete(partition)
    this.#lag.delete(partition)
  }

  /** Says whether everything that was handed over of these partitions was committed in time. */
  async allCommitted(partitions: readonly string[], signal: AbortSignal): Promise<boolean> {
    const isDone = () => partitions.every((one) => (this.#committed.get(one) ?? 0) >= (this.#handedOver.get(one) ?? 0))
    let isLate = false
    const wake = () => this.#changed.notify()
    const cancel = this.#clock.timer(HAND_OVER_MS, () => {
      isLate = true
      wake()
    })
    signal.addEventListener('abort', wake)
    while (!isDone() && !isLate && !signal.aborted) await this.#changed.wait()
    signal.removeEventListener('abort', wake)
    cancel()
    return isDone()
  }
}

/** How long a partition that goes to another member may be held until what is under way is committed. */
const HAND_OVER_MS = 20_000
