import type { CodecValues } from '../codec/index.ts'
import type { Tables } from '../expression/functions/lookup-table.ts'
import type { RegexEngineName } from '../expression/regex-engine.ts'
import type { ChannelPlugin, Check, ConnectionPlugin, ProcessorPlugin, SinkPlugin, SourcePlugin } from '../plugin.ts'
import type { TimestampValues } from '../time/options.ts'

/**
 * A pipeline file after every check: placeholders filled, options read into run-time values, wiring resolved.
 * Made by `config/`, cut into segments by `topology/`, put to work by `runtime/`. Nothing in it changes.
 */
export interface Definition {
  /** The YAML file as the user named it, and the folder that its references are relative to. */
  readonly file: string
  readonly folder: string
  readonly name: string
  readonly description: string | undefined
  /** What every path must give; undefined: whatever its parts give. */
  readonly delivery: Guarantee | undefined
  readonly checkpoint: { readonly interval: number }
  readonly onError: 'dead-letter' | 'stop' | 'skip'
  readonly deadLetters: DeadLetters
  /** Where state is kept, relative to the working directory. */
  readonly stateDir: string
  /** Every expression and template of its components, in the order of the file. */
  readonly texts: readonly PlacedText[]
  /** What their regular expressions run in. */
  readonly regexEngine: RegexEngineName
  /** What `$lookup_table` looks into. */
  readonly tables: Tables
  readonly connections: readonly ConnectionComponent[]
  /** In the order of the file: sources, channels, processors, sinks. */
  readonly components: readonly Component[]
}

/** An expression or a template, and where it stands. */
export interface PlacedText {
  /** The component that it belongs to. */
  readonly component: string
  /** `processors.bucket.set.total` */
  readonly path: string
  readonly kind: 'expression' | 'template'
  readonly text: string
  /** Where a character of the text stands in the file, from 1. */
  placeAt(offset: number): { readonly line: number; readonly column: number }
}

export type Guarantee = 'exactly-once' | 'at-least-once'

export interface DeadLetters {
  readonly maxSize: number
  readonly maxAge: number
  /** The pipeline stops when more than `share` of at least `records` records failed within `window` milliseconds. */
  readonly breaker: { readonly share: number; readonly records: number; readonly window: number }
}

export type Component = SourceComponent | ChannelComponent | ProcessorComponent | SinkComponent

interface Named<P> {
  readonly name: string
  readonly type: string
  readonly plugin: P
  /** What `open` gets. */
  readonly options: { readonly [name: string]: unknown }
  /** What `check` said about these options. */
  readonly check: Check
  /** Where the component stands in the file, from 1. */
  readonly place: { readonly line: number; readonly column: number }
}

/** What components share; it has no part in the graph. */
export interface ConnectionComponent extends Named<ConnectionPlugin> {
  readonly kind: 'connection'
  readonly retry: Retry
}

export interface SourceComponent extends Named<SourcePlugin> {
  readonly kind: 'source'
  readonly codec: CodecChoice | undefined
  readonly timestamp: TimestampValues | undefined
}

export interface ChannelComponent extends Named<ChannelPlugin> {
  readonly kind: 'channel'
  readonly inputs: readonly Input[]
}

export interface ProcessorComponent extends Named<ProcessorPlugin> {
  readonly kind: 'processor'
  readonly inputs: readonly Input[]
}

export interface SinkComponent extends Named<SinkPlugin> {
  readonly kind: 'sink'
  readonly inputs: readonly Input[]
  readonly codec: CodecChoice | undefined
  /** Said in the definition, so that a weaker path is allowed under `delivery: exactly-once`. */
  readonly delivery: Guarantee | undefined
  readonly retry: Retry
}

/** One edge of the graph: the main output of a component, or a named port of a processor. */
export interface Input {
  readonly component: string
  readonly port: string | undefined
}

export interface CodecChoice {
  readonly name: string
  readonly options: CodecValues
}

/** How often a sink, or the opening of a connection, is called again after a fault that may pass; undefined attempts: without end. */
export interface Retry {
  readonly attempts: number | undefined
  readonly delay: number
  readonly maxDelay: number
}
