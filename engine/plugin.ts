/**
 * The one file that plugin authors import: `import { defineSink } from 'streamrun/plugin'`.
 *
 * A plugin is data plus one function: `define...({ type, summary, options, open })`, the default export of its folder.
 * `open` gets the checked options and a context, and returns a plain object whose state lives in its closure.
 * Retries, batching, codecs, dead letters, metrics and checkpoints are the engine's. The comments below are the
 * whole contract; `streamrun/testing` exports the suites that check it.
 */

import type { Batch } from './batch.ts'
import type { Clock } from './clock.ts'
import type { ErrorCode, RecordError } from './errors.ts'
import type { Expression } from './expression/index.ts'
import type { Template } from './expression/template.ts'
import type { Options, OptionValues } from './options.ts'
import type { Random } from './random.ts'
import type { Frames, Json, Origin, Slices, StreamRecord } from './record.ts'
import type { Storage } from './storage.ts'

export { type Batch, framesBatch, recordsBatch } from './batch.ts'
export { openLocalStore, readLocalStore } from './checkpoint/local-store.ts'
export { type Ownership, takeOwnership } from './checkpoint/owner.ts'
export type { CheckpointState, CheckpointStore } from './checkpoint/store.ts'
export { type Clock, sleep } from './clock.ts'
export * as csv from './codec/csv/index.ts'
export { createCodec } from './codec/index.ts'
export { packBatch, unpackBatch } from './codec/packed.ts'
export { didYouMean } from './config/nearest.ts'
export { readReference } from './config/references.ts'
export { messageOf, RecordError, RetryableError, retryable, StreamrunError } from './errors.ts'
export { median } from './expression/functions/aggregates.ts'
export { canonical } from './expression/functions/canonical.ts'
export { ExactSum } from './expression/functions/exact-sum.ts'
export { Frequencies } from './expression/functions/frequencies.ts'
export { HyperLogLog } from './expression/functions/hyper-log-log.ts'
export { Moments } from './expression/functions/moments.ts'
export { Quantiles } from './expression/functions/quantiles.ts'
export { parseTable, TableError } from './expression/functions/table-file.ts'
export type { Expression } from './expression/index.ts'
export { judgeRegex } from './expression/regex.ts'
export { parseExpression, type SyntaxNode } from './expression/syntax.ts'
export type { Template } from './expression/template.ts'
export { compilePattern, type TextPattern } from './expression/text-pattern.ts'
export { isTrue } from './expression/truth.ts'
export { type FieldNames, fieldNames } from './fields.ts'
export { followLog, type LogFollower } from './log/follower.ts'
export { type Frame, type Log, type LogSegment, openLog } from './log/index.ts'
export { Notifier } from './notifier.ts'
export type { Options, OptionValues } from './options.ts'
export * as option from './options.ts'
export type { Random } from './random.ts'
export {
  type DecodedFrames,
  type Decoder,
  type FrameAttributes,
  type Frames,
  type Header,
  headerText,
  isNull,
  type Json,
  type JsonObject,
  makeRecord,
  type Origin,
  partOf,
  type Slices,
  type StreamRecord,
  valueWith,
  withAdded,
  withHeader,
  withValue,
} from './record.ts'
export { type Entry, errorCode, type FileStat, type Storage, type StoredFile, type Watcher } from './storage.ts'
export { fitted, visible, widthOf } from './visible.ts'

// ---------------------------------------------------------------------------------------------------- sources

export interface SourceDefinition<O extends Options = Options, P extends Json = Json> extends Described<O> {
  /** True: its batches may hold `frames`, and the options `codec` and those of the codecs are added to its own. */
  readonly codec?: boolean
  /** `replayable`: after a crash it reads on from any position that it gave. `lossy`: it cannot. */
  readonly delivery: 'replayable' | 'lossy'
  /**
   * True: its records carry the time of their event, as those of a topic do. Else that is the time of their arrival,
   * unless `timestamp.from` says where in a record it stands.
   */
  readonly eventTime?: boolean
  open(options: OptionValues<O>, context: SourceContext<P>): Source<P> | Promise<Source<P>>
}

export interface Source<P extends Json = Json> {
  /**
   * Called once, after `open`. Each step of the iteration hands over what is there at once, without lingering for
   * more, up to a bound of its own in records and bytes (256 KiB is a good one); it is not resumed while there is no
   * room. It returns at the end of input, and soon after `context.stopping` is aborted. What it throws ends the
   * pipeline: faults that may pass (a missing file that is waited for, a lost connection) are its own to wait out,
   * saying so through `context.health`.
   */
  batches(): AsyncIterable<SourceBatch<P>>
  /**
   * Resolves when everything before these positions can no longer be taken back by whoever writes what is read here.
   * The engine calls it before it commits an epoch with these positions; resolves too when `context.signal` is aborted.
   * Left out: nothing can be taken back.
   */
  covered?(positions: ReadonlyMap<string, P>): Promise<void>
  /**
   * Everything before these positions is durable downstream: what is needed only to read it again may go. Only the
   * partitions that moved are named. Called after each checkpoint and once after recovery; idempotent.
   */
  commit?(positions: ReadonlyMap<string, P>): Promise<void>
  /**
   * The share of a finite input that was handed over so far, from 0 to 1, as far as it knows; undefined: there is no
   * telling. Asked a few times a second while somebody looks, so it must cost next to nothing.
   */
  progress?(): number | undefined
  /** Called once, last; also after a failure. */
  close?(): Promise<void>
}

export interface SourceBatch<P extends Json = Json> {
  /** The source partition that the batch comes from: order is kept within it. A file's identity, a topic's partition. */
  readonly partition: string
  /** Bytes that the engine decodes with the codec of the source, or records, or both undefined: only a position. */
  readonly frames?: Frames
  readonly records?: Batch | undefined
  /** What the source could not read: straight to the dead letters. */
  readonly failed?: readonly Failure[]
  /** Where the partition resumes after this batch: a plain JSON value that only the source understands. */
  readonly position: P
  /** Nothing more is there right now. */
  readonly caughtUp: boolean
  /** Nothing will follow in this partition: it holds no watermark back any more. */
  readonly ended?: boolean
  /** Called when no stage holds bytes of this batch any more: its buffer may be used again. */
  readonly release?: () => void
}

/** A record that could not be read. */
export interface Failure {
  readonly error: RecordError
  /** The original bytes, or their beginning; `size` is then the whole length. */
  readonly raw: Uint8Array | undefined
  readonly size?: number
  readonly origin: Origin
}

export interface SourceContext<P extends Json = Json> extends Context {
  /** Aborted when the source should end its iteration: soon, but between two batches. */
  readonly stopping: AbortSignal
  /** The last committed position of a partition; undefined when it was never read. Call it before reading one. */
  resume(partition: string): Promise<P | undefined>
  /** Partitions with a committed position, for sources that must recognise what they read before. */
  committed(): ReadonlyMap<string, P>
  /** The partition will never be read again (its file is gone): its position leaves the checkpoint with the next one. */
  release(partition: string): void
  /**
   * Resolves when every pipeline of this process is open, or has ended: only then is it known who writes what this source
   * may read to its end.
   */
  readonly peersOpen: Promise<void>
  /** Asks for a checkpoint soon: what somebody else is to take over must be committed first. */
  requestCheckpoint(): void
  /**
   * There where something behind it keeps state of all partitions together: of several processes one alone may read, all
   * or nothing. What another one has read meanwhile is not in that state: whoever meets that ends with an error.
   */
  readonly turn?: Turn | undefined
}

/**
 * The sources of one segment ask for their input one after the other, in the same order in every process, so that one
 * process gets that of all of them.
 */
export interface Turn {
  /** Resolves when it may ask. */
  mine(): Promise<void>
  /** It cannot ask yet, and may not for long: it comes last. */
  stepAside(): void
  /** It has its input, or wants none any more: the next one may ask. */
  pass(): void
}

// ---------------------------------------------------------------------------------------------------- channels

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

// ---------------------------------------------------------------------------------------------------- processors

export interface ProcessorDefinition<O extends Options = Options> extends Described<O> {
  /** The named outputs beside the main one, and whether there is a main one; both may depend on the options. */
  readonly ports?: (options: OptionValues<O>) => Ports
  /**
   * `nothing`: it knows nothing of one batch in the next, so that processes may share the partitions of what it reads.
   * Left out: it keeps something of all of them together, and one process alone reads what comes to it.
   */
  readonly keeps?: 'nothing'
  open(options: OptionValues<O>, context: ProcessorContext): Processor | Promise<Processor>
}

export interface Ports {
  readonly main: boolean
  readonly side: readonly string[]
  /** Side ports whose records go to the dead letters when nobody reads them; to leave another unread is an error. */
  readonly deadLettered?: readonly string[]
}

export interface Processor {
  /**
   * Called with one batch at a time, in order. Every record is emitted (as often as needed), failed, or dropped on
   * purpose before it returns, or before its promise resolves; a promise is for I/O, never per record. What it throws
   * is a defect and stops the pipeline: a bad record goes through `out.fail`.
   *
   * Whoever makes many records of one stops when `out.full` and answers `more`: it is called again with the same batch,
   * to go on from there, when what it has emitted is written, and with no other batch in between.
   */
  process(batch: Batch, out: Output): Processed | Promise<Processed>
  /**
   * When it wants to be woken, as far as its state says: asked after every call, never stored. Left out, or answered with
   * nothing, it is woken at the end of input alone, if it has `wake`.
   */
  wakeAt?(): WakeAt | undefined
  /**
   * Time has passed: called between two batches, when the watermark has reached `wakeAt().event`, when the clock has
   * reached `wakeAt().clock`, and at the end of input, when no record will follow. Emits what is due; answers `more` as
   * `process` does, and is called again with the same time. What the clock made due while the pipeline was down comes
   * only when the sources have caught up.
   */
  wake?(time: Wake, out: Output): Processed | Promise<Processed>
  /**
   * Milliseconds by which what it emits may be older than the watermark of what it was given: those behind it see a
   * watermark that is so much lower. Left out: 0.
   */
  readonly delay?: number
  /** Called once, last; also after a failure. */
  close?(): Promise<void>
}

/** Both in epoch milliseconds: a moment of event time, a moment of the wall clock. */
export interface WakeAt {
  readonly event?: number | undefined
  readonly clock?: number | undefined
}

/** `watermark` is Infinity at the end of input. */
export type Wake =
  | { readonly kind: 'event'; readonly watermark: number }
  | { readonly kind: 'clock'; readonly now: number }

/** `more`: there is more to come of this batch. */
// biome-ignore lint/suspicious/noConfusingVoidType: most processors return nothing
export type Processed = void | 'more'

/** Valid for one call of `process`. */
export interface Output {
  /** True when as much is emitted as memory should hold. A processor that emits each record once need not ask. */
  readonly full: boolean
  /**
   * The watermark when this record of the batch came: no record older than that was expected any more; -Infinity when
   * nothing was known, and where no source declares times and no processor has `wake`. It never goes back from one record to the next. Whoever keeps windows judges by it whether a record
   * is late, and emits what is due before it: then batches may be cut anywhere and change nothing.
   */
  watermark(record: StreamRecord): number
  /** `reason` is for a port in `deadLettered`: what the dead letter says when nobody reads it. */
  emit(record: StreamRecord, port?: string, reason?: RecordError): void
  /** The record could not be handled; what was emitted from it in this call is withdrawn. */
  fail(record: StreamRecord, error: RecordError): void
}

export interface ProcessorContext extends Context {
  /**
   * What this processor remembers under `name`, as the last checkpoint left it; call it in `open`, once a name. What
   * changed since the last cut goes into the next one. With state comes `check().identity`: whatever the meaning of the
   * state depends on.
   */
  state<V>(name: string, form?: StateForm<V>): KeyedState<V>
}

/**
 * State by key, in memory, with its changes in the checkpoints. A value may be changed in place and is then touched; what
 * a cut takes is its form at that moment.
 */
export interface KeyedState<V> {
  readonly size: number
  get(key: string): V | undefined
  set(key: string, value: V): void
  /** The value of the key was changed in place. */
  touch(key: string): void
  delete(key: string): void
  /** In the order in which they were set (one that is deleted and set again stands last), after a restart too. */
  entries(): IterableIterator<[key: string, value: V]>
}

/** How a value is kept on disk; left out, it is plain JSON itself. */
export interface StateForm<V> {
  encode(value: V): Json
  decode(kept: Json): V
}

// ---------------------------------------------------------------------------------------------------- sinks

export interface SinkDefinition<O extends Options = Options> extends Described<O> {
  /** True: it writes bytes with `context.encode`, and the options `codec` and those of the codecs are added to its own. */
  readonly codec?: boolean
  /** `exactly-once`: it has `flush` and `restore`, and comes back to exactly its last checkpoint. */
  readonly delivery: 'exactly-once' | 'at-least-once'
  /**
   * What says the key that a record gets where it is written, as text or bytes; `streamrun test` shows it, without a
   * sink being opened. It throws a `RecordError` for a record that the sink refuses. Left out, or undefined: records
   * keep the key that they have.
   */
  readonly keyOf?: (options: OptionValues<O>, context: Pick<SinkContext, 'expression'>) => KeyOf | undefined
  open(options: OptionValues<O>, context: SinkContext): Sink | Promise<Sink>
}

export type KeyOf = (record: StreamRecord) => StreamRecord['key'] | Promise<StreamRecord['key']>

export interface Sink<S extends Json = Json> {
  /**
   * One call at a time. Resolves when the batch is taken: its bytes are not needed any more, and the next `flush`
   * covers it. May see the same records again after `retryable(...)`, after which nothing of the failed call may be
   * visible twice. Throws `retryable(reason, cause)` for what may pass (it is called again with the same batch, under
   * back-pressure), `PartialWriteError` for records refused for themselves (the others are taken), and anything else
   * to stop the pipeline.
   */
  write(batch: Batch): Promise<void>
  /**
   * Undefined while there is room; else a promise that resolves when there may be, the same one while it is open. Asked
   * before a batch is pulled.
   */
  full?(): Promise<void> | undefined
  /**
   * At a cut: resolves when everything written before the call is durable, with what it takes to come back to exactly
   * here. Must take note of its state before it first awaits: writes may follow before it resolves, and belong to the
   * next epoch. A sink without it is durable when `write` resolves. Never called again for the same cut, so it waits out
   * itself what may pass: whatever it throws stops the pipeline, and so does what `commit` throws.
   */
  flush?(): Promise<S>
  /** The epoch with this state is durable: publish what waited for it. Idempotent, repeated after recovery. */
  commit?(state: S): Promise<void>
  /**
   * Before the first write: undo what came after `state`; undefined when nothing was ever committed. Called again after
   * it threw `retryable(...)`; after anything else the sink is closed, and the pipeline stops.
   */
  restore?(state: S | undefined): Promise<void>
  /** Called once, last; also after a failure. Nothing may be made durable here that `flush` did not. */
  close?(): Promise<void>
}

/** Some records of a batch were refused for themselves; the others are written. */
export class PartialWriteError extends Error {
  readonly failed: ReadonlyMap<StreamRecord, RecordError>

  constructor(failed: ReadonlyMap<StreamRecord, RecordError>) {
    super(`${failed.size} records refused`)
    this.name = 'PartialWriteError'
    this.failed = failed
  }
}

export interface SinkContext extends Context {
  /**
   * The bytes of the records in the codec of this sink, each with its terminator, in order; valid until `write`
   * resolves. A record that nobody changed is its original bytes. Records that cannot be encoded are left out and
   * dead-lettered by the engine. `start` is what the file that they go to begins with, up to `startBytes`, as the same
   * array while it stays the same; empty or left out, the file is new, and the bytes begin with the header if the codec
   * has one.
   */
  encode(batch: Batch, start?: Uint8Array): readonly Uint8Array[]
  /**
   * As `encode`, but record by record and without terminators, for destinations that keep records apart: null for the
   * tombstone of a topic, undefined in the place of a record that cannot be encoded.
   */
  encodeEach(batch: Batch): readonly (Uint8Array | null | undefined)[]
  /**
   * As `encodeEach`, in one buffer, of a batch whose records nobody has to look at; undefined where somebody has. Where
   * 0x0A stands behind a value, it holds none.
   */
  encodeInPlace(batch: Batch): Slices | undefined
  /** How many bytes of the beginning of a file `encode` must be shown; 0 for codecs without a header. */
  readonly startBytes: number
  /** Standard output of the process. */
  readonly stdout: ByteOutput
}

/** Where bytes go that are not a file. */
export interface ByteOutput {
  /** Resolves when all is taken; throws with code EPIPE when its reader is gone. */
  write(chunks: readonly Uint8Array[]): Promise<void>
  readonly colours: boolean
  /** The lines of the terminal that it is; undefined: it is none. */
  readonly rows?: number | undefined
}

// ---------------------------------------------------------------------------------------------------- connections

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

// ---------------------------------------------------------------------------------------------------- all of them

interface Described<O extends Options> {
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
  /** What a sink promises with these options, where that is more or less than its definition says. */
  readonly delivery?: SinkDefinition['delivery']
  /** What its positions and state depend on: when it changes, old state is refused. Beside the type, which always counts. */
  readonly identity?: Json
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
  expression(text: string): Expression
  /** Compiles an option of kind `template`; `written` turns what a placeholder yields into what stands in its place. */
  template(text: string, written?: (text: string) => string): Template
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
