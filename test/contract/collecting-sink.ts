import {
  type Batch,
  defineSink,
  type Json,
  makeRecord,
  Notifier,
  PartialWriteError,
  RecordError,
  recordsBatch,
  retryable,
  type Sink,
  type SinkContext,
  type SinkPlugin,
  type StreamRecord,
} from '../../engine/plugin.ts'
import type { KilledWithRun } from './mortal.ts'
import { Turnstile } from './turnstile.ts'

export interface CollectingOptions {
  /** `at-least-once`: it cannot be cut back, so that a crash shows records twice. */
  readonly delivery?: 'exactly-once' | 'at-least-once'
  /** Then it keeps `texts`, and refuses what the codec cannot write; else it keeps `records`. */
  readonly codec?: string
}

/** A sink that keeps what it is given, to be named in a definition, and does what it is told. */
export interface CollectingSink extends Collected {
  readonly plugin: SinkPlugin & KilledWithRun
  readonly codec: string | undefined
  /** Resolves when what it sees is so; asked after every change. */
  until(condition: (seen: Collected) => boolean): Promise<void>
  /** Records with such values are refused for themselves from now on. */
  refuse(when: (value: Json) => boolean): void
  /** The next calls of `write` take nothing and fail with what may pass. */
  failNext(times: number, reason?: string): void
  /** Every write throws this from now on, and the pipeline stops; undefined: no more. */
  breakDown(error: Error | undefined): void
  /** Has no room for a batch until `makeRoom`. */
  fill(): void
  makeRoom(): void
  /** The next flush is done only after `finishFlush`. */
  holdFlush(): void
  finishFlush(): void
  /** Resolves when a flush is held. */
  flushHeld(): Promise<void>
}

/** What is written now, as a reader of the destination sees it. */
export interface Collected {
  readonly values: readonly Json[]
  readonly records: readonly StreamRecord[]
  /** The bytes: of a record that nobody changed the original ones. */
  readonly texts: readonly string[]
  /** How many of them no crash takes back any more. */
  readonly committed: number
}

export function collectingSink({ delivery = 'exactly-once', codec }: CollectingOptions = {}): CollectingSink {
  const destination = new Destination(codec)
  const plugin = defineSink({
    type: 'testing-collect',
    summary: 'Keeps what it is given, and fails when a test says so.',
    delivery,
    codec: codec !== undefined,
    options: {},
    open: (_, context) => destination.open(delivery, context),
  })
  return Object.assign(destination, { plugin: { ...plugin, died: () => destination.die() } })
}

interface Written {
  readonly value: Json
  readonly record?: StreamRecord
  readonly text?: string
}

type State = { readonly length: number }

/** What outlives a run: the destination of the sink, and its commands. */
class Destination implements Omit<CollectingSink, 'plugin'> {
  readonly codec: string | undefined
  readonly #changed = new Notifier()
  #written: Written[] = []
  #committed = 0
  #lives = 0
  #refused: (value: Json) => boolean = () => false
  #failures: { left: number; readonly reason: string } = { left: 0, reason: '' }
  #breakdown: Error | undefined
  #room: { readonly made: Promise<void>; readonly make: () => void } | undefined
  #held: Turnstile | undefined

  constructor(codec: string | undefined) {
    this.codec = codec
  }

  get values(): readonly Json[] {
    return this.#written.map(({ value }) => value)
  }

  get records(): readonly StreamRecord[] {
    return this.#written.flatMap(({ record }) => record ?? [])
  }

  get texts(): readonly string[] {
    return this.#written.flatMap(({ text }) => text ?? [])
  }

  get committed(): number {
    return this.#committed
  }

  async until(condition: (seen: Collected) => boolean): Promise<void> {
    while (!condition(this)) await this.#changed.wait()
  }

  refuse(when: (value: Json) => boolean): void {
    this.#refused = when
  }

  failNext(times: number, reason = 'the destination is away'): void {
    this.#failures = { left: times, reason }
  }

  breakDown(error: Error | undefined): void {
    this.#breakdown = error
  }

  fill(): void {
    let make = () => {}
    const made = new Promise<void>((resolve) => {
      make = resolve
    })
    this.#room ??= { made, make }
  }

  makeRoom(): void {
    this.#room?.make()
    this.#room = undefined
  }

  holdFlush(): void {
    this.#held = new Turnstile()
  }

  finishFlush(): void {
    this.#held?.open()
    this.#held = undefined
  }

  async flushHeld(): Promise<void> {
    await this.#held?.reached()
  }

  /** What is left of the killed run reaches the destination no more. */
  die(): void {
    this.#lives += 1
  }

  open(delivery: 'exactly-once' | 'at-least-once', context: SinkContext): Sink<State> {
    const life = this.#lives
    const alive = () => (life === this.#lives ? undefined : new Promise<never>(() => {}))
    const sink: Sink<State> = {
      full: () => this.#room?.made,
      write: async (batch) => {
        await alive()
        this.#write(batch, context)
      },
    }
    return delivery === 'at-least-once' ? sink : { ...sink, ...this.#cutting(alive) }
  }

  #cutting(alive: () => Promise<never> | undefined): Pick<Sink<State>, 'flush' | 'commit' | 'restore'> {
    return {
      flush: async () => {
        const state = { length: this.#written.length }
        await this.#held?.visitor()()
        return state
      },
      commit: async ({ length }) => {
        await alive()
        this.#committed = length
        this.#changed.notify()
      },
      restore: async (state) => {
        this.#written.length = state?.length ?? 0
        this.#committed = this.#written.length
        this.#changed.notify()
      },
    }
  }

  #write(batch: Batch, context: SinkContext): void {
    if (this.#breakdown !== undefined) throw this.#breakdown
    if (this.#failures.left > 0) {
      this.#failures.left -= 1
      throw retryable(this.#failures.reason)
    }
    const refused = batch.records.filter(({ value }) => this.#refused(value))
    const taken = refused.length === 0 ? batch : recordsBatch(batch.records.filter((one) => !refused.includes(one)))
    this.#written.push(...(this.codec === undefined ? taken.records.map(kept) : this.#encoded(taken, context)))
    this.#changed.notify()
    if (refused.length > 0) throw new PartialWriteError(new Map(refused.map((record) => [record, refusal()])))
  }

  #encoded(batch: Batch, context: SinkContext): Written[] {
    const texts = Buffer.concat(context.encode(batch)).toString('utf8').split('\n').slice(0, -1)
    return texts.map((text) => ({ text, value: this.codec === 'json' ? (JSON.parse(text) as Json) : text }))
  }
}

/** A copy: the bytes of a record are valid only as long as its batch. */
function kept(record: StreamRecord): Written {
  const { value, key, timestamp, headers, origin } = record
  const raw = record.raw instanceof Uint8Array ? Buffer.from(record.raw) : record.raw
  return { value, record: makeRecord({ value, raw, key, timestamp, headers, origin }) }
}

function refusal(): RecordError {
  return new RecordError('SR_REJECTED', 'the test refuses it')
}
