import type { Batch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import type { Options, OptionValues } from '../options.ts'
import type { Json, StreamRecord } from '../record.ts'
import type { Context, Described } from './context.ts'

export interface ProcessorDefinition<O extends Options = Options> extends Described<O> {
  /** The named outputs beside the main one, and whether there is a main one; both may depend on the options. */
  readonly ports?: (options: OptionValues<O>) => Ports
  /**
   * `nothing`: it knows nothing of one batch in the next, so that processes may share the partitions of what it reads.
   * Left out: it keeps something of all of them together, and one process alone reads what comes to it.
   */
  readonly keeps?: 'nothing'
  /** `nothing`: what it emits has the value of a record that came in. Left out: it may have any other. */
  readonly changes?: 'nothing'
  /**
   * Options whose expressions and templates see the records that come in, as they are: a field that is named there and
   * that no such record can have is a fault of the definition.
   */
  readonly overRecords?: readonly (string & keyof O)[]
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
