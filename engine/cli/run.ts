import { type Clock, systemClock } from '../clock.ts'
import type { Definition } from '../config/definition.ts'
import { ERRORS, EXIT, StreamrunError } from '../errors.ts'
import { makeLogger } from '../observe/logger.ts'
import { describeProgress, describeSummary, readRecords, summaryData } from '../observe/summary.ts'
import { systemRandom } from '../random.ts'
import type { Environment } from '../runtime/context.ts'
import { type Outcome, Pipeline } from '../runtime/pipeline.ts'
import { SharedThings } from '../runtime/shared-things.ts'
import { diskStorage } from '../storage.ts'
import { describeGuarantee, guarantees } from '../topology/guarantee.ts'
import { type CommonOptions, readEnvironment, usesColours, wantsLiveView, withDefinitions, writeErr } from './common.ts'
import type { LiveView } from './live.ts'
import { standardOutput } from './output.ts'
import { Peers } from './peers.ts'

export interface RunCommandOptions extends CommonOptions {
  readonly fresh?: true
  readonly resetState?: readonly string[]
  readonly shutdownTimeout: number
  readonly standby?: true
  readonly quiet?: true
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  readonly logFormat: 'text' | 'json'
}

/** `streamrun FILE...`: runs every pipeline in this process; the first exit code that is not 0 is the process's. */
export function run(files: readonly string[], options: RunCommandOptions): Promise<number> {
  return withDefinitions(files, options, (definitions) => runAll(definitions, options))
}

async function runAll(definitions: readonly Definition[], options: RunCommandOptions): Promise<number> {
  const clock = systemClock()
  const view = wantsLiveView(options, process.stderr, process.env) ? await openView(clock) : undefined
  const write = view === undefined ? writeErr : (text: string) => view.print(text)
  const peers = new Peers(definitions)
  const environment: Environment = {
    clock,
    storage: diskStorage(),
    random: systemRandom(),
    stdout: view !== undefined && process.stdout.isTTY ? view.above(standardOutput()) : standardOutput(),
    logger: loggerFor(options, write),
    variables: await readEnvironment(options.envFile),
    shared: new SharedThings(),
    peersOpen: peers.open,
  }
  const reset = { all: options.fresh === true, names: options.resetState ?? [] }
  const pipelines = definitions.map((definition) => {
    const opened = () => peers.arrive(definition)
    const { shutdownTimeout, standby } = options
    return new Pipeline(definition, environment, { reset, shutdownTimeout, standBy: standby === true, opened })
  })
  stopOnSignals(pipelines, environment)
  failOnDefects(environment)
  const running = { environment, view, write, options, peers }
  const codes = await Promise.all(pipelines.map((pipeline) => runOne(pipeline, running)))
  return codes.find((code) => code !== EXIT.done) ?? EXIT.done
}

/** However the process ends, what it showed is taken away. Loaded only where somebody looks. */
async function openView(clock: Clock): Promise<LiveView> {
  const { LiveView } = await import('./live.ts')
  const view = new LiveView(process.stderr, clock, usesColours(process.stderr))
  process.on('exit', () => view.close())
  // Ctrl-Z: the shell finds its terminal as it was, and the view comes again when the process goes on.
  process.on('SIGTSTP', () => {
    view.hide()
    process.kill(process.pid, 'SIGSTOP')
  })
  process.stderr.on('resize', () => view.redraw())
  return view
}

function loggerFor(options: RunCommandOptions, write: (line: string) => void): Environment['logger'] {
  const level = options.quiet && options.logLevel === 'info' ? 'warn' : options.logLevel
  return makeLogger({ level, format: options.logFormat, colours: usesColours(process.stderr), write })
}

/** What the pipelines of the process run in. */
interface Running {
  readonly environment: Environment
  /** Undefined where nobody looks: then there is a log line now and then. */
  readonly view: LiveView | undefined
  /** Writes to standard error, above the view if there is one. */
  readonly write: (text: string) => void
  readonly options: RunCommandOptions
  readonly peers: Peers
}

async function runOne(pipeline: Pipeline, { environment, view, write, options, peers }: Running): Promise<number> {
  const { definition, metrics } = pipeline
  const { clock } = environment
  const log = environment.logger(definition.name)
  for (const path of guarantees(definition)) log.info(describeGuarantee(path))
  const started = clock.monotonic()
  const stopProgress = view?.follow(pipeline) ?? logProgress(pipeline, environment)
  const outcome = await pipeline.run()
  peers.arrive(definition)
  stopProgress()
  if (outcome.error !== undefined) log.error(describeError(outcome))
  const seconds = (clock.monotonic() - started) / 1000
  if (options.json) write(`${JSON.stringify(summaryData(definition.name, metrics, seconds, outcome.exitCode))}\n`)
  else if (!options.quiet)
    write(`${describeSummary(definition.name, metrics, seconds, `${definition.stateDir}/dead-letters`)}\n`)
  return outcome.exitCode
}

const PROGRESS_MS = 10_000

/** A line every ten seconds: what came in, how fast, what failed, and who waits for what. */
function logProgress(pipeline: Pipeline, { clock, logger }: Environment): () => void {
  const { definition, metrics, health } = pipeline
  const log = logger(definition.name)
  let before = 0
  let cancel = () => {}
  const next = () => {
    cancel = clock.timer(PROGRESS_MS, () => {
      log.info(describeProgress(metrics, before, PROGRESS_MS / 1000, pipeline.checkpointAge, pipeline.eventTime))
      for (const [component, reason] of health.degraded) log.warn(`${component} is waiting: ${reason}`)
      before = readRecords(metrics)
      next()
    })
  }
  next()
  return () => cancel()
}

/** The first signal asks for an orderly end; the second ends the process at once, which loses nothing (PR-01, PR-02). */
function stopOnSignals(pipelines: readonly Pipeline[], { logger }: Environment): void {
  let asked = false
  const onSignal = (signal: string) => {
    if (asked) process.exit(EXIT.secondSignal)
    asked = true
    logger('streamrun').info(`${signal}: stopping; a second signal ends the process at once, and loses nothing either`)
    for (const pipeline of pipelines) pipeline.stop()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
}

/** Whatever escapes every handler is a defect: never go on as if nothing were (PR-05). */
function failOnDefects({ logger }: Environment): void {
  // Whoever read the log may go away: that is no reason to stop.
  process.stderr.on('error', () => {})
  const fail = (thrown: unknown) => {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    logger('streamrun').error(`SR_DEFECT ${text}`)
    process.exit(EXIT.defect)
  }
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
}

function describeError({ error }: Outcome): string {
  if (!(error instanceof StreamrunError)) return error?.stack ?? String(error)
  return `${error.code} ${sentence(error.message)} ${ERRORS[error.code].remedy}`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}
