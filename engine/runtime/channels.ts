import type { CheckpointStore } from '../checkpoint/store.ts'
import type { ChannelComponent } from '../config/definition.ts'
import type { ChannelContext, DurableChannel, SourceContext, Turn } from '../plugin.ts'
import type { Json } from '../record.ts'
import { ChannelRelay } from '../time/relay.ts'
import { componentContext, type SourceServices } from './context.ts'

/** A durable channel at work. Its ends belong to two segments; it is opened before both and closed after both. */
export interface RunningChannel {
  readonly name: string
  readonly channel: DurableChannel
  /** Set by the segment that reads it: where its source says that a partition is done with. */
  released: (partition: string) => void
  /** How time goes through it, while it is drained. */
  readonly relay: ChannelRelay
  /** Set when its reader opens, which comes first: whoever writes to it must keep the time. */
  isTimed: boolean
}

export async function openChannel(
  component: ChannelComponent,
  services: SourceServices,
  store: CheckpointStore,
): Promise<RunningChannel> {
  const { durable } = component.plugin
  if (durable === undefined) throw new Error(`${component.name} is no durable channel`)
  const running = {
    name: component.name,
    released: (_partition: string) => {},
    relay: new ChannelRelay(),
    isTimed: false,
  }
  const context: ChannelContext = sourceContext('channel', component.name, services, store, (partition) =>
    running.released(partition),
  )
  const channel = await durable.open(component.options, context)
  return Object.assign(running, { channel })
}

/** The context of a source, or of the reading end of a channel. */
export function sourceContext(
  kind: string,
  id: string,
  services: SourceServices,
  store: CheckpointStore,
  release: (partition: string) => void,
  turn?: Turn,
): SourceContext {
  const committed = () => store.state.positions.get(id) ?? (new Map() as ReadonlyMap<string, Json>)
  return {
    ...componentContext(services, kind, id),
    stopping: services.stopping,
    resume: async (partition) => committed().get(partition),
    startsOver: services.reset.all || services.reset.names.includes(id),
    committed,
    release,
    peersOpen: services.environment.peersOpen ?? Promise.resolve(),
    requestCheckpoint: services.requestCheckpoint,
    turn,
  }
}
