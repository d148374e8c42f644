import type { Options, OptionValues } from '../options.ts'
import type { Described } from './context.ts'
import type { Sink } from './sink.ts'
import type { Source, SourceContext } from './source.ts'

export interface ChannelDefinition<O extends Options = Options> extends Described<O> {
  /** A durable channel ends one segment and begins the next. The memory channel has none: it is the engine's own. */
  readonly durable?: { open(options: OptionValues<O>, context: ChannelContext): Promise<DurableChannel> }
}

/** Its two ends are a sink and a source like any other; each has the checkpoints of its own segment. */
export interface DurableChannel {
  readonly writer: Sink
  readonly reader: Source
  /** Nothing more will be written in this run: the reader ends when it has read everything. */
  end(): void
  /**
   * True when everything that was written has been handed over by its reader, and has arrived: the next batch was asked
   * for. Then time in front of it goes on behind it too. Left out: time comes with the marks of its records alone.
   */
  drained?(): boolean
  /** Records in it that its reader has not handed over yet. Asked a few times a second while somebody looks. */
  waiting?(): number
  /** Called once, last, after both ends were closed. */
  close(): Promise<void>
}

/** `stopping`, `resume`, `committed` and `release` are those of the reading end; a full channel asks for a checkpoint. */
export interface ChannelContext extends SourceContext {}
