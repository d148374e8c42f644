import type { Options } from '../options.ts'
import type { Json } from '../record.ts'
import type { ChannelDefinition } from './channel.ts'
import type { ConnectionDefinition } from './connection.ts'
import type { ProcessorDefinition } from './processor.ts'
import type { SinkDefinition } from './sink.ts'
import type { SourceDefinition } from './source.ts'

export function defineSource<O extends Options, P extends Json = Json>(source: SourceDefinition<O, P>): SourcePlugin {
  return { kind: 'source', ...source } as unknown as SourcePlugin
}

export function defineChannel<O extends Options>(channel: ChannelDefinition<O>): ChannelPlugin {
  return { kind: 'channel', ...channel } as unknown as ChannelPlugin
}

export function defineProcessor<O extends Options>(processor: ProcessorDefinition<O>): ProcessorPlugin {
  return { kind: 'processor', ...processor } as unknown as ProcessorPlugin
}

export function defineSink<O extends Options>(sink: SinkDefinition<O>): SinkPlugin {
  return { kind: 'sink', ...sink } as unknown as SinkPlugin
}

export function defineConnection<O extends Options, C>(connection: ConnectionDefinition<O, C>): ConnectionPlugin {
  return { kind: 'connection', ...connection } as unknown as ConnectionPlugin
}

/** Plugins as the engine keeps them: the types of their options are known only to themselves. */
export type SourcePlugin = { readonly kind: 'source' } & SourceDefinition
export type ChannelPlugin = { readonly kind: 'channel' } & ChannelDefinition
export type ProcessorPlugin = { readonly kind: 'processor' } & ProcessorDefinition
export type SinkPlugin = { readonly kind: 'sink' } & SinkDefinition
export type ConnectionPlugin = { readonly kind: 'connection' } & ConnectionDefinition
export type Plugin = ConnectionPlugin | SourcePlugin | ChannelPlugin | ProcessorPlugin | SinkPlugin
