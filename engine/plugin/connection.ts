import type { Options, OptionValues } from '../options.ts'
import type { Context, Described } from './context.ts'

/** A client that several components share, such as that of a Kafka cluster. It has no part in the flow of records. */
export interface ConnectionDefinition<O extends Options = Options, C = unknown> extends Described<O> {
  /**
   * Called when the first component asks for it, and again after `retryable(reason, cause)`, as the option `retry` says;
   * then the pipeline ends with the cause, if that is a `StreamrunError`.
   */
  open(options: OptionValues<O>, context: ConnectionContext): Promise<Connection<C>>
}

export interface Connection<C = unknown> {
  /** What `context.connection(name)` gives to components. */
  readonly client: C
  /** Called once, after every component was closed. */
  close(): Promise<void>
}

export interface ConnectionContext extends Context {
  /**
   * The one thing of this key in the process, for what pipelines of one command line share, such as a folder of topics:
   * opened by who asks first, closed when the pipelines of all who asked have ended.
   */
  shared<T>(key: string, open: () => Promise<Shared<T>>): Promise<T>
}

export interface Shared<T> {
  readonly value: T
  close(): Promise<void>
}
