import type { Batch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import type { Slices } from '../frames.ts'
import type { Options, OptionValues } from '../options.ts'
import type { Json, StreamRecord } from '../record.ts'
import type { Context, Described } from './context.ts'

export interface SinkDefinition<O extends Options = Options> extends Described<O> {
  /** True: it writes bytes with `context.encode`, and the options `codec` and those of the codecs are added to its own. */
  readonly codec?: boolean
  /** `exactly-once`: it has `flush` and `restore`, and comes back to exactly its last checkpoint. */
  readonly delivery: 'exactly-once' | 'at-least-once'
  /** Options whose expressions and templates see the records that come in, as for a processor. */
  readonly overRecords?: readonly (string & keyof O)[]
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
