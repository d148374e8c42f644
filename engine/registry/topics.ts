import type { Kafka } from '../../plugins/shared/kafka/port.ts'
import type { ConnectionComponent } from '../config/definition.ts'
import { StreamrunError } from '../errors.ts'
import { HealthBoard } from '../observe/health.ts'
import { Metrics } from '../observe/metrics.ts'
import { readOptions } from '../options.ts'
import type { ConnectionPlugin } from '../plugin.ts'
import { Connections } from '../runtime/connections.ts'
import type { Environment } from '../runtime/context.ts'
import { builtinRegistry } from './index.ts'

export type { Consumer, Kafka, OffsetRange, RecordSet, TopicInfo } from '../../plugins/shared/kafka/port.ts'

/**
 * Topics as the connection `kafka` opens them for a pipeline, but only to look at: of a cluster, or the embedded ones
 * of a folder, which another process may have.
 */
export async function connectTopics(place: TopicsPlace, environment: Environment): Promise<OpenTopics> {
  const { component, folder } =
    'component' in place ? place : { component: await componentFor(place, environment), folder: process.cwd() }
  const connections = connectionsTo(component, folder, { ...environment, readOnly: true })
  const kafka = await connections.client<Kafka>(component.name)
  return { kafka, close: () => connections.close() }
}

export type TopicsPlace = NamedPlace | DefinedPlace

export interface NamedPlace {
  /** As in `brokers` of the connection: `host:port` with commas between them, or `embedded`. */
  readonly brokers: string
  readonly topicsDir?: string | undefined
}

/** A connection of a pipeline, whose file is in this folder. */
export interface DefinedPlace {
  readonly component: ConnectionComponent
  readonly folder: string
}

export interface OpenTopics {
  readonly kafka: Kafka
  close(): Promise<void>
}

async function componentFor({ brokers, topicsDir }: NamedPlace, { storage }: Environment) {
  const plugin = (await builtinRegistry().load('connection', 'kafka')) as ConnectionPlugin
  const given = { brokers, ...(topicsDir === undefined ? {} : { topics_dir: topicsDir }) }
  const options = readOptions(plugin.options, given)
  const check = (await plugin.check?.(options as never, { storage, definitionFolder: process.cwd() })) ?? {}
  const [fault] = check.faults ?? []
  if (fault !== undefined) throw new StreamrunError('SR_USAGE', `${fault.path.join('.')} ${fault.message}`)
  const place = { line: 1, column: 1 }
  // Whoever asks is there to ask again.
  const retry = { attempts: 1, delay: 0, maxDelay: 0 }
  return { kind: 'connection', name: 'topics', type: 'kafka', plugin, options, check, place, retry } as const
}

function connectionsTo(component: ConnectionComponent, folder: string, environment: Environment): Connections {
  const never = new AbortController().signal
  return new Connections([component], {
    environment,
    pipeline: 'streamrun',
    definitionFolder: folder,
    stateDir: '.streamrun',
    metrics: new Metrics(),
    health: new HealthBoard((name) => environment.logger('streamrun', name)),
    stopping: never,
    signal: never,
    expressionOptions: () => ({ environment: environment.variables }),
    requestCheckpoint() {},
  })
}
