/**
 * `streamrun/testing`: what a plugin is tested with. The suites (`describeSource` and the others) check every promise
 * that `streamrun/plugin` states, in a vitest file: `describeSink('my-sink', { plugin, ... })`. `runPipeline` runs a
 * whole pipeline in the test's process, kills it and resumes it. The rest are the parts that both are made of.
 */

export { type ManualClock, manualClock } from '../../engine/trial/manual-clock.ts'
export { type FaultyCall, type MemoryStorage, memoryStorage } from '../../engine/trial/memory-storage.ts'
export { readLines, readText } from '../../engine/trial/text-files.ts'
export { type ChannelFixture, channelClauses, describeChannel } from './channel-suite.ts'
export { brokenPromises, type Clause, clause, describeClauses } from './clause.ts'
export { type Collected, type CollectingOptions, type CollectingSink, collectingSink } from './collecting-sink.ts'
export {
  type Chosen,
  channelContext,
  type MemoryOutput,
  memoryOutput,
  processorContext,
  type Recording,
  sinkContext,
  sourceContext,
  type TestContext,
  testContext,
} from './context.ts'
export type { AnyPart, Part, PipelineSpec, SinkPart, SourcePart } from './definition.ts'
export {
  abort,
  end,
  fail,
  framesOf,
  type ListSource,
  lines,
  listSource,
  pause,
  records,
  type Step,
  unreadable,
} from './list-source.ts'
export { describeProcessor, type ProcessorFixture, processorClauses } from './processor-suite.ts'
export { type LogLine, type PipelineRun, type RunSettings, runPipeline } from './run-pipeline.ts'
export { faultsOf, type ProcessorRun, runProcessor } from './run-processor.ts'
export { describeSink, type SinkFixture, type SinkPlace, sinkClauses } from './sink-suite.ts'
export { describeSource, type SourceFixture, type SourceInput, sourceClauses } from './source-suite.ts'
export { openTimed, type TimedOptions, type TimedProcessor, type TimedValue } from './timed-processor.ts'
