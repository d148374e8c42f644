import { systemClock } from '../../engine/clock.ts'
import type { Definition } from '../../engine/config/definition.ts'
import type { Clock, Json, JsonObject, Logger, Plugin, Random, Storage } from '../../engine/plugin.ts'
import { seededRandom } from '../../engine/random.ts'
import type { Environment } from '../../engine/runtime/context.ts'
import { type Outcome, Pipeline, type RunOptions } from '../../engine/runtime/pipeline.ts'
import { SharedThings } from '../../engine/runtime/shared-things.ts'
import { readDeadLetters } from '../../engine/trial/dead-letters.ts'
import { memoryStorage } from '../../engine/trial/memory-storage.ts'
import { type MemoryOutput, memoryOutput } from './context.ts'
import { type AnyPart, definitionOf, definitionOfYaml, type PipelineSpec, withReplaced } from './definition.ts'
import { type KilledWithRun, mortal } from './mortal.ts'

export interface RunSettings {
  /** The machine's when left out. */
  readonly clock?: Clock
  /** Memory when left out. On a disk, `folder` must be one of the test's own. */
  readonly storage?: Storage
  /** Stands for the folder of the definition, and holds the state folder. */
  readonly folder?: string
  readonly random?: Random
  /** What placeholders and `$env` read. */
  readonly variables?: Readonly<Record<string, string>>
  /** Plugins that a YAML text may name beside those that come with streamrun. */
  readonly plugins?: readonly Plugin[]
  /** Components that run with another plugin than the definition says, such as one of the testing pair. */
  readonly replace?: { readonly [name: string]: AnyPart }
  readonly reset?: RunOptions['reset']
  readonly shutdownTimeout?: number
  /** What it has in common with other pipelines of its process; its own when left out. */
  readonly shared?: SharedThings
}

/** A pipeline at work. */
export interface PipelineRun {
  readonly definition: Definition
  readonly pipeline: Pipeline
  /** How it ended; `killed` by `kill` or by an `abort` of a list. */
  readonly ended: Promise<Outcome | 'killed'>
  readonly storage: Storage
  /** What its components and the engine logged so far. */
  readonly log: readonly LogLine[]
  /** What was printed so far. */
  readonly printed: string
  /** The counts of a component, such as `{ in: 3, out: 2 }`. */
  counts(component: string): { readonly [count: string]: number }
  /** The dead letters that are in the state folder now, in the order of their files. */
  deadLetters(): Promise<readonly JsonObject[]>
  /** Asks for an orderly end. */
  stop(): void
  /** As kill -9. Resolves when nothing of it can happen any more. */
  kill(): Promise<void>
  /** Starts it again on what is stored, after it was killed or has ended; `settings` may change the world. */
  resume(settings?: RunSettings): Promise<PipelineRun>
}

export interface LogLine {
  readonly level: keyof Logger
  readonly component: string | undefined
  readonly message: string
  readonly fields: { readonly [name: string]: Json }
}

/** Starts a pipeline, given in code or as the text of a pipeline file. Throws an `Error` when it is not a good one. */
export async function runPipeline(pipeline: PipelineSpec | string, settings: RunSettings = {}): Promise<PipelineRun> {
  const world = { storage: memoryStorage(), folder: '/pipeline', ...settings }
  return start(await definitionFor(pipeline, world), world)
}

interface World extends RunSettings {
  readonly storage: Storage
  readonly folder: string
}

async function definitionFor(pipeline: PipelineSpec | string, world: World): Promise<Definition> {
  const { storage, folder, variables = {}, plugins = [], replace = {} } = world
  const settings = { storage, folder, stateDir: `${folder}/state`, variables, plugins }
  if (typeof pipeline !== 'string') return definitionOf(pipeline, settings)
  return withReplaced(await definitionOfYaml(pipeline, settings), replace, settings)
}

function start(definition: Definition, world: World): PipelineRun {
  const { reset = { all: false, names: [] }, shutdownTimeout = 30_000, storage } = world
  const log: LogLine[] = []
  const stdout = memoryOutput()
  const process = mortal(environmentOf(world, log, stdout))
  const pipeline = new Pipeline(definition, process.environment, { reset, shutdownTimeout })
  const outliving = outlivingPlugins(definition)
  const death = new AbortController()
  const killed = new Promise<'killed'>((resolve) => death.signal.addEventListener('abort', () => resolve('killed')))
  const kill = async () => {
    for (const plugin of outliving) plugin.died()
    await process.kill()
    death.abort()
  }
  for (const plugin of outliving) plugin.aborted?.().then(kill)
  const ended = Promise.race([pipeline.run(), killed])
  return {
    definition,
    pipeline,
    ended,
    storage,
    log,
    get printed() {
      return stdout.text
    },
    counts: (component) => countsOf(pipeline, component),
    deadLetters: () => readDeadLetters(storage, definition.stateDir),
    stop: () => pipeline.stop(),
    kill,
    resume: async (settings = {}) => start(definition, { ...world, ...settings }),
  }
}

function environmentOf(world: World, log: LogLine[], stdout: MemoryOutput): Environment {
  const {
    clock = systemClock(),
    random = seededRandom(1),
    storage,
    variables = {},
    shared = new SharedThings(),
  } = world
  return {
    clock,
    random,
    storage,
    variables,
    stdout,
    shared,
    logger: (_, component) => recordingLogger(log, component),
  }
}

function recordingLogger(log: LogLine[], component: string | undefined): Logger {
  const say =
    (level: LogLine['level']) =>
    (message: string, fields: LogLine['fields'] = {}) => {
      log.push({ level, component, message, fields })
    }
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') }
}

function outlivingPlugins({ components }: Definition): KilledWithRun[] {
  return components.flatMap(({ plugin }) => ('died' in plugin ? [plugin as KilledWithRun] : []))
}

function countsOf(pipeline: Pipeline, component: string): { readonly [count: string]: number } {
  const found = pipeline.metrics.components.find(({ name }) => name === component)
  return Object.fromEntries(found?.counts ?? [])
}
