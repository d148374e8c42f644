import { setImmediate } from 'node:timers/promises'
import type { Component, Definition, Input, SourceComponent } from '../config/definition.ts'
import type { Logger } from '../plugin.ts'
import { seededRandom } from '../random.ts'
import type { JsonObject } from '../record.ts'
import type { Environment } from '../runtime/context.ts'
import { type Outcome, Pipeline } from '../runtime/pipeline.ts'
import { SharedThings } from '../runtime/shared-things.ts'
import type { Storage } from '../storage.ts'
import { Capture, type Captured } from './capture-sink.ts'
import { readDeadLetters } from './dead-letters.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'
import { ownRecords } from './own-records.ts'
import { privateStorage } from './private-storage.ts'
import { Script, type ScriptedRecord } from './script-source.ts'

export interface TrialSettings {
  /** What definitions and tables are read from; nothing is written there. */
  readonly disk: Storage
  /** Where the clock stands at the start, epoch milliseconds. */
  readonly start: number
  /** What expressions read as `$env`. */
  readonly variables: Readonly<Record<string, string>>
  /** Processors, or ports of them (`name.port`), whose output is wanted beside that of the sinks. */
  readonly taps?: readonly string[]
  /** What runs in the place of a source or a processor; undefined leaves it to the trial. */
  readonly inPlace?: (component: Component) => Component | undefined
}

/**
 * A pipeline in a world of its own: its sources hand over what they are given, its sinks keep what they get, its clock
 * moves when it is told to, and its state is in memory. Every call resolves when nothing moves any more.
 */
export class Trial {
  readonly clock: ManualClock
  readonly log: { readonly level: keyof Logger; readonly component: string | undefined; readonly message: string }[] =
    []
  readonly #definition: Definition
  readonly #environment: Environment
  readonly #scripts = new Map<string, Script>()
  /** What the scripts stand in the place of. */
  readonly #own = new Map<string, SourceComponent>()
  readonly #captures = new Map<string, Capture>()
  #pipeline: Pipeline
  #ended: Promise<Outcome>
  #outcome: Outcome | undefined

  constructor(definition: Definition, settings: TrialSettings) {
    this.clock = manualClock(settings.start)
    this.#definition = this.#inTrial(definition, settings)
    this.#environment = this.#worldOf(settings)
    ;[this.#pipeline, this.#ended] = this.#start()
  }

  async give(source: string, records: readonly ScriptedRecord[]): Promise<void> {
    this.#scripts.get(source)?.give(records)
    await this.#settle()
  }

  /** So many of the records that the source makes itself, as if it were run alone from now on. */
  async giveOwn(source: string, first: number): Promise<void> {
    const component = this.#own.get(source)
    if (component !== undefined) {
      await this.give(source, await ownRecords(component, this.#definition, this.#environment, first))
    }
  }

  /** Timers fire one after the other, and what each of them sets off has happened before the next one does. */
  async advance(ms: number): Promise<void> {
    const end = this.clock.now() + ms
    await this.#settle()
    for (let next = this.clock.nextAt; next !== undefined && next <= end; next = this.clock.nextAt) {
      this.clock.advance(next - this.clock.now())
      await setImmediate()
    }
    this.clock.advance(end - this.clock.now())
    await this.#settle()
  }

  /** An orderly end and a new start on the same state, also behind the end of input: then more may come. */
  async restart(): Promise<void> {
    await this.#settle()
    this.#pipeline.stop()
    await this.#ended
    for (const script of this.#scripts.values()) script.reopen()
    if (this.#outcome?.error === undefined) [this.#pipeline, this.#ended] = this.#start()
    await this.#settle()
  }

  /** The end of every input: windows close, and the pipeline ends. */
  async end(): Promise<Outcome> {
    for (const script of this.#scripts.values()) script.end()
    return this.#ended
  }

  /** Gives it up as it stands. */
  async close(): Promise<void> {
    this.#pipeline.stop()
    await this.#ended
  }

  /** What stopped it by itself, if anything did. */
  get failure(): Error | undefined {
    return this.#outcome?.error
  }

  /** The names whose output is kept: sinks and taps. */
  get outputs(): readonly string[] {
    return [...this.#captures.keys()]
  }

  /** Everything that came out there so far. */
  output(name: string): readonly Captured[] {
    return this.#captures.get(name)?.records ?? []
  }

  /** The counts of its components. */
  get metrics(): Pipeline['metrics'] {
    return this.#pipeline.metrics
  }

  deadLetters(): Promise<readonly JsonObject[]> {
    return readDeadLetters(this.#environment.storage, this.#definition.stateDir)
  }

  #start(): [Pipeline, Promise<Outcome>] {
    this.#outcome = undefined
    const options = { reset: { all: false, names: [] }, shutdownTimeout: NEVER }
    const pipeline = new Pipeline(this.#definition, this.#environment, options)
    const ended = pipeline.run().then((outcome) => {
      this.#outcome = outcome
      return outcome
    })
    return [pipeline, ended]
  }

  /**
   * Nothing of a trial waits for the world, so what can happen happens within turns of the event loop; two checkpoints
   * in a row that find nothing to commit say that it has.
   */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 2 && this.#outcome === undefined; ) {
      await setImmediate()
      const moved = await Promise.race([this.#pipeline.checkpointNow(), this.#ended.then(() => false)])
      quiet = moved ? 0 : quiet + 1
    }
  }

  #inTrial(definition: Definition, { taps = [], inPlace }: TrialSettings): Definition {
    const components = definition.components.map((component) => inPlace?.(component) ?? this.#replaced(component))
    const tapped = taps.map((name) => this.#capture(name).besides(`tap of ${name}`, inputOf(name)))
    return {
      ...definition,
      stateDir: STATE_DIR,
      delivery: undefined,
      checkpoint: { interval: NEVER },
      components: [...components, ...tapped],
    }
  }

  #replaced(component: Component): Component {
    if (component.kind === 'sink') return this.#capture(component.name).inPlaceOf(component)
    if (component.kind !== 'source') return component
    const script = new Script()
    this.#scripts.set(component.name, script)
    this.#own.set(component.name, component)
    return script.inPlaceOf(component)
  }

  #capture(name: string): Capture {
    const capture = new Capture()
    this.#captures.set(name, capture)
    return capture
  }

  #worldOf({ disk, variables }: TrialSettings): Environment {
    const say = (component: string | undefined, level: keyof Logger) => (message: string) => {
      this.log.push({ level, component, message })
    }
    return {
      clock: this.clock,
      storage: privateStorage(disk, STATE_DIR),
      random: seededRandom(1),
      stdout: { colours: false, write: async () => {} },
      logger: (_, component) => ({
        debug: say(component, 'debug'),
        info: say(component, 'info'),
        warn: say(component, 'warn'),
        error: say(component, 'error'),
      }),
      variables,
      shared: new SharedThings(),
    }
  }
}

/** Nothing is there on any disk: it is a name in memory. */
export const STATE_DIR = '/streamrun-trial'
/** Longer than any trial. */
const NEVER = 2 ** 50

function inputOf(tap: string): Input {
  const [component = tap, port] = tap.split('.')
  return { component, port }
}
