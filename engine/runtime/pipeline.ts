import { setMaxListeners } from 'node:events'
import { Coordinator } from '../checkpoint/coordinator.ts'
import type { Reset } from '../checkpoint/fingerprint.ts'
import { sleep } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { EXIT, GaveUpError, messageOf, StreamrunError } from '../errors.ts'
import type { EventTime } from '../observe/event-time.ts'
import { HealthBoard } from '../observe/health.ts'
import type { Load } from '../observe/load.ts'
import { Metrics } from '../observe/metrics.ts'
import type { Logger } from '../plugin.ts'
import { errorCode } from '../storage.ts'
import type { Environment } from './context.ts'
import { closeAll, openInto, type PipelineParts } from './pipeline-parts.ts'
import type { Segment } from './segment.ts'

/** How a pipeline ended. */
export interface Outcome {
  readonly exitCode: number
  /** What ended it, if it did not end by itself or by a signal. */
  readonly error: Error | undefined
}

export interface RunOptions {
  readonly reset: Reset
  /** Milliseconds that a stop may take before the pipeline is given up. */
  readonly shutdownTimeout: number
  /** Waits while another process has the state, instead of failing. */
  readonly standBy?: boolean
  /** Called when all of its components are open. */
  readonly opened?: () => void
}

/** One pipeline, from its open state folder to its last checkpoint. */
export class Pipeline {
  readonly definition: Definition
  readonly metrics = new Metrics()
  readonly health: HealthBoard
  readonly #environment: Environment
  readonly #options: RunOptions
  readonly #log: Logger
  readonly #stopping = new AbortController()
  readonly #abort = new AbortController()
  readonly #opened: PipelineParts = { channels: [], segments: [] }
  #coordinator: Coordinator | undefined
  #failure: Error | undefined
  #timedOut = false
  #running: Promise<unknown> = Promise.resolve()
  #cancelTimeout: () => void = () => {}
  #fail: (error: unknown) => void = () => {}

  constructor(definition: Definition, environment: Environment, options: RunOptions) {
    this.definition = definition
    this.#environment = environment
    this.#options = options
    this.#log = environment.logger(definition.name)
    // Each component listens: that many listeners are no leak, which is what Node would warn of.
    setMaxListeners(0, this.#stopping.signal, this.#abort.signal)
    this.health = new HealthBoard((component) => environment.logger(definition.name, component))
    for (const { kind, name } of definition.components) this.metrics.of(kind, name)
  }

  /** Milliseconds since the last checkpoint. */
  get checkpointAge(): number | undefined {
    return this.#coordinator?.age
  }

  /** How far it has come in the time of its records; undefined where that does not matter. */
  get eventTime(): EventTime | undefined {
    const times = this.#opened.segments.flatMap(({ eventTimes }) => eventTimes)
    const [first] = times.toSorted((a, b) => a.watermark - b.watermark)
    if (first === undefined) return undefined
    const isKnown = Number.isFinite(first.watermark)
    return {
      watermark: isKnown ? first.watermark : undefined,
      lag: isKnown ? this.#environment.clock.now() - first.watermark : undefined,
      heldBy: first.heldBy,
    }
  }

  /** It was told to stop, or has ended. */
  get stopping(): boolean {
    return this.#stopping.signal.aborted
  }

  /** What its components hold at this moment; a component may stand there more than once. */
  get loads(): readonly Load[] {
    const { segments, channels } = this.#opened
    const durable = channels.map(({ name, channel }) => ({ component: name, waiting: channel.waiting?.() ?? 0 }))
    return [...segments.flatMap(({ loads }) => loads), ...durable]
  }

  /** Runs until the input ends, `stop` is called, or something makes going on impossible. Never rejects. */
  async run(): Promise<Outcome> {
    const opened = this.#opened
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    failed.catch(() => {})
    try {
      this.#running = this.#open(opened)
      await Promise.race([failed, this.#running])
      this.#options.opened?.()
      await this.#work(opened, failed)
    } catch (error) {
      this.#endWith(error)
    }
    if (await this.#quiesce(opened)) await this.#close(opened)
    return this.#outcome()
  }

  /** Commits what has happened; says whether there was anything, or whether it has not begun yet. */
  async checkpointNow(): Promise<boolean> {
    return this.#coordinator === undefined ? !this.stopping : this.#coordinator.checkpointNow()
  }

  /** Sources end, what is under way leaves, the last checkpoint is written: then `run` resolves. */
  stop(): void {
    if (this.#stopping.signal.aborted) return
    this.#stopping.abort()
    this.#cancelTimeout = this.#environment.clock.timer(this.#options.shutdownTimeout, () => {
      this.#timedOut = true
      this.#fail(new StreamrunError('SR_SHUTDOWN_TIMEOUT', 'not drained within the shutdown timeout.'))
    })
  }

  #open(opened: PipelineParts): Promise<void> {
    return openInto(opened, this.definition, {
      environment: this.#environment,
      reset: this.#options.reset,
      standBy: this.#options.standBy === true,
      log: this.#log,
      metrics: this.metrics,
      health: this.health,
      stopping: this.#stopping.signal,
      signal: this.#abort.signal,
      requestCheckpoint: () => this.#coordinator?.checkpointSoon(),
    })
  }

  async #work(opened: PipelineParts, failed: Promise<never>): Promise<void> {
    const { state, segments } = opened
    if (state === undefined) return
    const coordinator = new Coordinator(segments, {
      store: state.store,
      clock: this.#environment.clock,
      interval: this.definition.checkpoint.interval,
      health: this.health.of('checkpoint'),
      signal: this.#abort.signal,
      stopping: this.#stopping.signal,
      failed: (error) => this.#loopFailed(error, segments),
    })
    this.#coordinator = coordinator
    coordinator.start()
    const runs = segments.map((segment) => this.#runSegment(segment, coordinator, opened))
    this.#running = Promise.allSettled(runs)
    await Promise.race([failed, Promise.all(runs)])
  }

  /**
   * Ends whatever still runs, and says whether it did end: a file must not be closed under a write that is under way,
   * because its descriptor may be another file's by then.
   */
  async #quiesce({ segments }: PipelineParts): Promise<boolean> {
    this.#cancelTimeout()
    this.#abort.abort()
    this.#stopping.abort()
    this.#coordinator?.stop()
    for (const segment of segments) segment.halt()
    // It has had its time: what hangs is left to the end of the process.
    if (this.#timedOut) return false
    const settled = Promise.allSettled([this.#running, this.#coordinator?.settled()]).then(() => true)
    const waited = new AbortController()
    const late = sleep(this.#environment.clock, this.#options.shutdownTimeout, waited.signal).then(() => false)
    const quiet = await Promise.race([settled, late])
    waited.abort()
    return quiet
  }

  /** When a segment has ended, so has what it writes to: those who read from there then end in their turn. */
  async #runSegment(segment: Segment, coordinator: Coordinator, { segments, channels }: PipelineParts): Promise<void> {
    const ended = await segment.run((error) => this.#loopFailed(error, segments))
    if (!ended || this.#abort.signal.aborted) return
    try {
      await coordinator.checkpointLast(segment)
      await segment.close()
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#loopFailed(error, segments)
      return
    }
    for (const { name, channel } of channels) if (segment.writesTo.includes(name)) channel.end()
  }

  #loopFailed(error: unknown, segments: readonly Segment[]): void {
    if (!(error instanceof GaveUpError)) {
      this.#fail(error)
      return
    }
    this.#endWith(error)
    this.#abort.abort()
    for (const segment of segments) segment.halt()
  }

  #endWith(error: unknown): void {
    // Told to stop while a sink or the store waited: the last epoch stands, and nothing behind it was promised to anyone.
    if (error instanceof GaveUpError) this.#log.warn(error.message)
    else this.#failure ??= asError(error)
  }

  async #close(opened: PipelineParts): Promise<void> {
    await closeAll(opened, (error) => {
      this.#failure ??= asError(error)
    })
  }

  #outcome(): Outcome {
    if (this.#failure === undefined) return { exitCode: EXIT.done, error: undefined }
    return {
      exitCode: this.#failure instanceof StreamrunError ? this.#failure.exitCode : EXIT.defect,
      error: this.#failure,
    }
  }
}

/** An error of the system that nobody expected is an I/O error, not a defect. */
function asError(thrown: unknown): Error {
  if (thrown instanceof StreamrunError) return thrown
  if (errorCode(thrown) !== undefined) return new StreamrunError('SR_IO', messageOf(thrown), { cause: thrown })
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown))
}
