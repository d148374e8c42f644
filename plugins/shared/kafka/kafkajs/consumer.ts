import { Notifier } from '../../../../engine/plugin.ts'
import type { Consumer, ConsumerSettings, RecordSet, TopicOffset } from '../port.ts'
import { Member } from './member.ts'
import type { Place } from './places.ts'
import type { World } from './world.ts'

/**
 * Its member fetches by itself and hands over sets of records; here they wait, a few of them, until they are asked for.
 */
export class KafkaJsConsumer implements Consumer {
  readonly #settings: ConsumerSettings
  readonly #member: Member
  readonly #changed = new Notifier()
  readonly #waiting: Waiting[] = []
  /** Resolves when the caller has the last set in its hands. */
  #handedOut: Promise<void> = Promise.resolve()
  #failure: unknown
  readonly #ending = new AbortController()
  readonly #unlisten: () => void
  #closing: Promise<void> | undefined

  constructor(world: World, settings: ConsumerSettings) {
    this.#settings = settings
    this.#member = new Member(world, settings, {
      ending: this.#ending.signal,
      take: (place, set, stop) => this.#take(place, set, stop),
      drop: () => this.#drop(),
      changed: () => this.#changed.notify(),
    })
    this.#unlisten = world.settings.writers.listen(() => this.#changed.notify())
    settings.signal.addEventListener('abort', this.#end)
    if (settings.signal.aborted) this.#end()
  }

  /** Asks for its partitions; resolves when it is connected, before it has them. */
  begin(): Promise<void> {
    return this.#member.begin((error) => {
      this.#failure ??= error
      this.#changed.notify()
    })
  }

  async *records(): AsyncGenerator<RecordSet> {
    while (!this.#hasEnded) {
      const changed = this.#changed.wait()
      this.#refuseIfFailed()
      if (this.#settings.untilEnd && (await this.#member.isAtEnd())) return
      if (this.#hasEnded) return
      if (this.#settings.group !== undefined && this.#member.isForgotten) this.#waiting.length = 0
      const next = this.#waiting.shift()
      if (next === undefined) {
        if (!this.#hasEnded && this.#failure === undefined) await changed
        continue
      }
      this.#changed.notify()
      next.place.handed = next.set.next
      this.#handedOut = afterSomeTurns()
      yield next.set
    }
    this.#refuseIfFailed()
  }

  commit(offsets: readonly TopicOffset[]): Promise<void> {
    return this.#member.commit(offsets)
  }

  get group(): string | undefined {
    return this.#settings.group
  }

  /** Partitions of these places that are not its own. */
  foreign(offsets: readonly TopicOffset[]): readonly string[] {
    return this.#member.foreign(offsets)
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async #close(): Promise<void> {
    this.#end()
    this.#unlisten()
    this.#settings.signal.removeEventListener('abort', this.#end)
    await this.#member.close()
  }

  get #hasEnded(): boolean {
    return this.#ending.signal.aborted
  }

  readonly #end = (): void => {
    this.#ending.abort()
    this.#changed.notify()
  }

  /** Waits while there is enough to hand out (I-6). */
  async #take(place: Place, set: RecordSet, stop: AbortSignal): Promise<void> {
    const wake = () => this.#changed.notify()
    stop.addEventListener('abort', wake)
    while (this.#waiting.length >= MAX_WAITING && !stop.aborted) await this.#changed.wait()
    stop.removeEventListener('abort', wake)
    if (stop.aborted) return
    this.#waiting.push({ place, set })
    this.#changed.notify()
  }

  /** What was not handed out yet belongs to somebody else now; what was, has arrived when it resolves. */
  async #drop(): Promise<void> {
    this.#waiting.length = 0
    await this.#handedOut
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

interface Waiting {
  readonly place: Place
  readonly set: RecordSet
}

const MAX_WAITING = 4

/** A yielded set takes a few turns of the microtask queue to reach the loop that iterates. */
async function afterSomeTurns(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await undefined
}
