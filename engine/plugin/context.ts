import type { Clock } from '../clock.ts'
import type { ErrorCode } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import type { Template } from '../expression/template.ts'
import type { Options, OptionValues } from '../options.ts'
import type { Random } from '../random.ts'
import type { Json } from '../record.ts'
import type { Storage } from '../storage.ts'
import type { SinkDefinition } from './sink.ts'

/** What every kind of plugin says of itself. */
export interface Described<O extends Options> {
  /** The word in `type:`; the same as the name of its folder. */
  readonly type: string
  /** One sentence that starts with a verb: `Reads the lines of files as they grow.` */
  readonly summary: string
  readonly options: O
  /** What can be known without running: reads only files that the options name, no network. */
  readonly check?: (options: OptionValues<O>, context: CheckContext) => Check | Promise<Check>
}

export interface CheckContext {
  readonly storage: Storage
  /** The folder of the definition: what the options refer to (schemas, tables) is relative to it. */
  readonly definitionFolder: string
  /** The options of a connection that an option of kind `connection` names; undefined when it has faults of its own. */
  connectionOptions?(name: string): { readonly [option: string]: unknown } | undefined
}

export interface Check {
  /** Files that it reads (absolute globs) and writes (absolute paths, templates as they stand). */
  readonly reads?: readonly string[]
  readonly writes?: readonly string[]
  /** What is wrong with the options beyond their schema: option path, code of the definition table, message, hint. */
  readonly faults?: readonly {
    readonly path: readonly (string | number)[]
    readonly code: ErrorCode
    readonly message: string
    /** What to do: `did you mean "delimiter"?` */
    readonly hint?: string | undefined
  }[]
  /**
   * Partitioned places (topics) that it reads or writes, by names that mean the same for both, and the expression of the
   * key that partitions are chosen by; undefined: not said, or not by a key.
   */
  readonly partitions?: { readonly places: readonly string[]; readonly by: string | undefined }
  /**
   * The fields that the records of a source can have at their top, and no others; left out: there is no telling. An
   * expression that names another one is then a fault.
   */
  readonly fields?: readonly string[]
  /** Expressions and templates of its own that see something else than the records that come to it. */
  readonly sees?: readonly Sight[]
  /** What a sink promises with these options, where that is more or less than its definition says. */
  readonly delivery?: SinkDefinition['delivery']
  /** What its positions and state depend on: when it changes, old state is refused. Beside the type, which always counts. */
  readonly identity?: Json
}

/** What there is for an expression or a template to see. */
export interface Sight {
  /** The option that it stands in. */
  readonly path: readonly (string | number)[]
  /** The fields that there can be at the top. */
  readonly fields: readonly string[]
  /** False: it must give the same whenever it is evaluated, so that `$now` and `$millis` are faults. */
  readonly clock: boolean
}

/** What every component is handed. */
export interface Context {
  /** The name of the component in the definition. */
  readonly id: string
  readonly pipeline: string
  /** The folder of the definition: what the options refer to (schemas, tables) is relative to it. */
  readonly definitionFolder: string
  readonly clock: Clock
  readonly storage: Storage
  readonly random: Random
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  /** Aborted when the pipeline ends without waiting: give up retries and waits. */
  readonly signal: AbortSignal
  /** Somebody only looks: nothing is written or committed, no lock is taken, no group joined, and nobody notices. */
  readonly readOnly: boolean
  /** A folder of this component alone, for what must survive a restart; not made yet. */
  readonly stateFolder: string
  /** The client of a connection, by the value of an option of kind `connection`; its type is known to the caller. */
  connection<C>(name: string): Promise<C>
  /** Compiles an option of kind `expression`; its syntax was checked before. */
  expression(text: string, how?: Evaluation): Expression
  /** Compiles an option of kind `template`. */
  template(text: string, how?: Rendering): Template
}

export interface Evaluation {
  /** What `$random`, `$shuffle` and `$uuid` draw from; left out: `Context.random`. */
  readonly random?: Random
}

export interface Rendering extends Evaluation {
  /** Turns what a placeholder yields into what stands in its place. */
  readonly written?: (text: string) => string
}

/** Messages say what someone must act on; data of records is never in them. */
export interface Logger {
  debug(message: string, fields?: { readonly [name: string]: Json }): void
  info(message: string, fields?: { readonly [name: string]: Json }): void
  warn(message: string, fields?: { readonly [name: string]: Json }): void
  error(message: string, fields?: { readonly [name: string]: Json }): void
}

/** Call it per batch, never per record. */
export interface Metrics {
  /** Adds to a count of this component, such as `truncations`; shown in the summary when it is not 0. */
  count(name: string, by?: number): void
  /** Says what a figure of this component is now, such as its `lag`; shown when it is not 0. */
  gauge(name: string, value: number): void
}

/** One clear state per component: said once when it changes. */
export interface Health {
  degraded(reason: string): void
  ok(): void
}
