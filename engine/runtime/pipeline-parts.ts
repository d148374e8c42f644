import type { Reset } from '../checkpoint/fingerprint.ts'
import type { ChannelComponent, Definition } from '../config/definition.ts'
import type { HealthBoard } from '../observe/health.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Logger } from '../plugin.ts'
import { isDurable } from '../topology/graph.ts'
import { planTopology } from '../topology/segments.ts'
import { Breaker } from './breaker.ts'
import { openChannel, type RunningChannel } from './channels.ts'
import { Connections } from './connections.ts'
import type { Environment } from './context.ts'
import { expressionOptions } from './expressions.ts'
import { Segment } from './segment.ts'
import type { StageServices } from './stages.ts'
import { openStateFolder, type StateFolder } from './state-folder.ts'

/** Filled as a pipeline opens, so that what is open is closed when the next part fails. */
export interface PipelineParts {
  readonly channels: RunningChannel[]
  readonly segments: Segment[]
  connections?: Connections
  state?: StateFolder
}

export interface Opening {
  readonly environment: Environment
  readonly reset: Reset
  readonly standBy: boolean
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: HealthBoard
  /** Aborted when the pipeline is to end. */
  readonly stopping: AbortSignal
  /** Aborted when it ends without waiting. */
  readonly signal: AbortSignal
  readonly requestCheckpoint: () => void
}

/** The state first, then channels, then segments, downstream first. */
export async function openInto(parts: PipelineParts, definition: Definition, opening: Opening): Promise<void> {
  const { environment, log, health, reset, stopping, standBy } = opening
  const { storage, clock } = environment
  parts.state = await openStateFolder(definition, reset, {
    storage,
    clock,
    log,
    health: health.of('checkpoint'),
    stopping,
    standBy,
  })
  const { store } = parts.state
  if (store.state.positions.size > 0) {
    log.info('going on from the last checkpoint: only what is new is read; --fresh starts over')
  }
  const channels = new Map<string, RunningChannel>()
  const services = servicesOf(definition, opening, { store, channels, parts })
  for (const component of definition.components.filter(isDurable)) {
    const channel = await openChannel(component as ChannelComponent, services, store)
    channels.set(component.name, channel)
    parts.channels.push(channel)
  }
  for (const plan of planTopology(definition).segments.toReversed()) {
    // One each: what passes two segments is read twice, but fails once.
    const breaker = new Breaker(definition.deadLetters.breaker, clock)
    parts.segments.unshift(await Segment.open(plan, services, breaker))
  }
}

function servicesOf(
  definition: Definition,
  { environment, metrics, health, reset, stopping, signal, requestCheckpoint }: Opening,
  { store, channels, parts }: Pick<StageServices, 'store' | 'channels'> & { readonly parts: PipelineParts },
): StageServices {
  const services = {
    environment,
    expressionOptions: expressionOptions(definition, environment),
    pipeline: definition.name,
    definitionFolder: definition.folder,
    stateDir: definition.stateDir,
    metrics,
    health,
    stopping,
    signal,
    requestCheckpoint,
  }
  const connections = new Connections(definition.connections, services)
  parts.connections = connections
  return { ...services, reset, connections, definition, store, channels }
}

/** Everything, in the order in which it depends on each other, whatever fails. */
export async function closeAll(parts: PipelineParts, failed: (error: unknown) => void): Promise<void> {
  const { segments, channels, connections, state } = parts
  const closing = [
    ...segments.map((segment) => () => segment.close()),
    ...channels.map(
      ({ channel }) =>
        () =>
          channel.close(),
    ),
    () => connections?.close(),
    () => state?.store.close(),
    () => state?.ownership.release(),
  ]
  for (const close of closing) {
    try {
      await close()
    } catch (error) {
      failed(error)
    }
  }
}
