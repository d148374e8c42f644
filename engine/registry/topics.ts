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
 * Topics as the connection `kafka` opens them for a pipeline, but without one and only to look at: of a cluster, or
 * the embedded ones of a folder, which another process may have.
 */
export async function connectTopics(place: TopicsPlace, environment: Environment): Promise<OpenTopics> {
  const component = await componentFor(place, environment)
  const connections = connectionsTo(component, { ...environment, readOnly: true })
  const kafka = await connections.client<Kafka>(component.name)
  return { kafka, close: () => connections.close() }
}

export interface TopicsPlace {
  /** As in `brokers` of the connection: `host:port` with commas between them, or `embedded`. */
  readonly brokers: string
  readonly topicsDir?: string | undefined
}

export interface OpenTopics {
  readonly kafka: Kafka
  close(): Promise<void>
}

async function componentFor({ brokers, topicsDir }: TopicsPlace, { storage }: Environment) {
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

function connectionsTo(component: ConnectionComponent, environment: Environment): Connections {
  const never = new AbortController().signal
  return new Connections([component], {
    environment,
    pipeline: 'streamrun',
    definitionFolder: process.cwd(),
    stateDir: '.streamrun',
    metrics: new Metrics(),
    health: new HealthBoard((name) => environment.logger('streamrun', name)),
    stopping: never,
    signal: never,
    expressionOptions: () => ({ environment: environment.variables }),
    requestCheckpoint() {},
  })
}
