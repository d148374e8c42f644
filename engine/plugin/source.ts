import type { Batch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import type { Frames } from '../frames.ts'
import type { Options, OptionValues } from '../options.ts'
import type { Json, Origin } from '../record.ts'
import type { Context, Described } from './context.ts'

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
   * The engine calls it before it commits an epoch with these positions, the last one too, when `batches` has ended; it
   * resolves when `context.signal` is aborted, and rejects where something was taken back: with a `retryable` fault if it
   * was told to stop, and the next start reads it again. Left out: nothing can be taken back.
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
  /** The operator asked to forget the positions, wherever they are kept (--fresh, --reset-state). */
  readonly startsOver: boolean
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
