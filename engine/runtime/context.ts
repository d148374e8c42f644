import { componentFolder, type Reset } from '../checkpoint/fingerprint.ts'
import type { Clock } from '../clock.ts'
import { compileExpression } from '../expression/index.ts'
import { compileTemplate } from '../expression/template.ts'
import type { HealthBoard } from '../observe/health.ts'
import type { ComponentMetrics, Metrics } from '../observe/metrics.ts'
import type { ByteOutput, Context, Logger } from '../plugin.ts'
import type { Random } from '../random.ts'
import type { Storage } from '../storage.ts'
import type { Connections } from './connections.ts'
import type { ExpressionOptionsOf } from './expressions.ts'
import type { SharedThings } from './shared-things.ts'

/** What a pipeline needs of the world around it: all of it comes in as arguments. */
export interface Environment {
  readonly clock: Clock
  readonly storage: Storage
  readonly random: Random
  readonly stdout: ByteOutput
  /** A logger that names the pipeline and the component. */
  readonly logger: (pipeline: string, component?: string) => Logger
  /** What expressions read as `$env`. */
  readonly variables: Readonly<Record<string, string>>
  /** What the pipelines of the process have in common. */
  readonly shared: SharedThings
  /** Resolves when all pipelines of the process are open, or have ended. Left out: there is only one. */
  readonly peersOpen?: Promise<void>
  /** True for commands that only look at things while others may have them. */
  readonly readOnly?: boolean
}

/** What the components of one running pipeline share. */
export interface Services {
  readonly environment: Environment
  readonly pipeline: string
  readonly definitionFolder: string
  readonly stateDir: string
  readonly metrics: Metrics
  readonly health: HealthBoard
  /** Aborted when sources should end. */
  readonly stopping: AbortSignal
  /** Aborted when the pipeline ends without waiting. */
  readonly signal: AbortSignal
  readonly connections: Connections
  readonly expressionOptions: ExpressionOptionsOf
  /** Begins an epoch in every segment that has none under way. */
  readonly requestCheckpoint: () => void
}

/** What a source is opened with. */
export interface SourceServices extends Services {
  /** What was given up at the start. */
  readonly reset: Reset
}

/** The part of every component's context that is the same for all kinds. */
export function componentContext(services: Services, kind: string, id: string): Context {
  const { environment, pipeline, definitionFolder, stateDir, signal, expressionOptions } = services
  const { clock, storage, random, readOnly = false } = environment
  return {
    id,
    pipeline,
    definitionFolder,
    clock,
    storage,
    random,
    log: environment.logger(pipeline, id),
    metrics: countsOf(services.metrics.of(kind, id)),
    health: services.health.of(id),
    signal,
    readOnly,
    stateFolder: componentFolder(stateDir, id),
    connection: (name) => services.connections.client(name),
    expression: (text, how) => compileExpression(text, expressionOptions(id, text, how)),
    template: (text, how) => compileTemplate(text, { ...expressionOptions(id, text, how), written: how?.written }),
  }
}

function countsOf(metrics: ComponentMetrics): Context['metrics'] {
  return { count: (name, by = 1) => metrics.add(name, by), gauge: (name, value) => metrics.set(name, value) }
}
