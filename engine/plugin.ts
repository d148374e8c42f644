/**
 * The one file that plugin authors import: `import { defineSink } from 'streamrun/plugin'`.
 *
 * A plugin is data plus one function: `define...({ type, summary, options, open })`, the default export of its folder.
 * `open` gets the checked options and a context, and returns a plain object whose state lives in its closure.
 * Retries, batching, codecs, dead letters, metrics and checkpoints are the engine's. The comments in
 * `plugin/` are the whole contract; `streamrun/testing` exports the suites that check it.
 */

export { type Batch, framesBatch, recordsBatch } from './batch.ts'
export { openLocalStore, readLocalStore } from './checkpoint/local-store.ts'
export { type Ownership, takeOwnership } from './checkpoint/owner.ts'
export type { CheckpointState, CheckpointStore } from './checkpoint/store.ts'
export { type Clock, sleep } from './clock.ts'
export * as csv from './codec/csv/index.ts'
export { createCodec } from './codec/index.ts'
export { packBatch, unpackBatch } from './codec/packed.ts'
export { Scratch } from './codec/scratch.ts'
export { didYouMean } from './config/nearest.ts'
export { readReference } from './config/references.ts'
export { messageOf, RecordError, RetryableError, retryable, StreamrunError } from './errors.ts'
export { median } from './expression/functions/aggregates.ts'
export { canonical } from './expression/functions/canonical.ts'
export { productError, sumError } from './expression/functions/error-free.ts'
export { ExactSum } from './expression/functions/exact-sum.ts'
export { Frequencies } from './expression/functions/frequencies.ts'
export { HyperLogLog } from './expression/functions/hyper-log-log.ts'
export { Moments } from './expression/functions/moments.ts'
export { Quantiles } from './expression/functions/quantiles.ts'
export { parseTable, TableError } from './expression/functions/table-file.ts'
export type { Expression } from './expression/index.ts'
export { judgeRegex } from './expression/regex.ts'
export { type SyntaxNode, syntaxTree } from './expression/syntax.ts'
export type { Template } from './expression/template.ts'
export { compilePattern, type TextPattern } from './expression/text-pattern.ts'
export { isTrue } from './expression/truth.ts'
export { type FieldNames, fieldNames } from './fields.ts'
export type { DecodedFrames, Decoder, FrameAttributes, Frames, Slices } from './frames.ts'
export { followLog, type LogFollower } from './log/follower.ts'
export { type Frame, type Log, type LogSegment, openLog } from './log/index.ts'
export { Notifier } from './notifier.ts'
export type { Options, OptionValues } from './options.ts'
export * as option from './options.ts'
export type { ChannelContext, ChannelDefinition, DurableChannel } from './plugin/channel.ts'
export type { Connection, ConnectionContext, ConnectionDefinition, Shared } from './plugin/connection.ts'
export type {
  Check,
  CheckContext,
  Context,
  Described,
  Evaluation,
  Health,
  Logger,
  Metrics,
  Rendering,
  Sight,
} from './plugin/context.ts'
export {
  type ChannelPlugin,
  type ConnectionPlugin,
  defineChannel,
  defineConnection,
  defineProcessor,
  defineSink,
  defineSource,
  type Plugin,
  type ProcessorPlugin,
  type SinkPlugin,
  type SourcePlugin,
} from './plugin/define.ts'
export type {
  KeyedState,
  Output,
  Ports,
  Processed,
  Processor,
  ProcessorContext,
  ProcessorDefinition,
  StateForm,
  Wake,
  WakeAt,
} from './plugin/processor.ts'
export {
  type ByteOutput,
  type KeyOf,
  PartialWriteError,
  type Sink,
  type SinkContext,
  type SinkDefinition,
} from './plugin/sink.ts'
export type { Failure, Source, SourceBatch, SourceContext, SourceDefinition, Turn } from './plugin/source.ts'
export type { Random } from './random.ts'
export {
  type Header,
  headerText,
  isNull,
  type Json,
  type JsonObject,
  makeRecord,
  type Origin,
  partOf,
  type StreamRecord,
  valueWith,
  withAdded,
  withHeader,
  withValue,
} from './record.ts'
export { type Entry, errorCode, type FileStat, type Storage, type StoredFile, type Watcher } from './storage.ts'
export { fitted, visible, widthOf } from './visible.ts'
