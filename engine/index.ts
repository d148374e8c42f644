/**
 * streamrun as a library: load a definition, run it. The command line (`engine/cli`) is one user of this; tests are
 * another. Plugin authors import `streamrun/plugin` instead.
 */

export { type Clock, systemClock } from './clock.ts'
export type { Component, Definition, Guarantee } from './config/definition.ts'
export { type Fault, renderFault } from './config/faults.ts'
export { checkDefinitions, loadDefinition } from './config/load.ts'
export { ERRORS, type ErrorCode, EXIT, RECORD_ERRORS, type RecordErrorCode, StreamrunError } from './errors.ts'
export { makeLogger } from './observe/logger.ts'
export { type Random, seededRandom, systemRandom } from './random.ts'
export { builtinRegistry } from './registry/index.ts'
export type { Environment } from './runtime/context.ts'
export { type Outcome, Pipeline, type RunOptions } from './runtime/pipeline.ts'
export { SharedThings } from './runtime/shared-things.ts'
export { diskStorage, type Storage } from './storage.ts'
export { describeGuarantee, guarantees, type PathGuarantee } from './topology/guarantee.ts'
export { planTopology, type Topology } from './topology/segments.ts'
