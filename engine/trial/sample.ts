import { setTimeout as pause } from 'node:timers/promises'
import { recordsBatch } from '../batch.ts'
import { emptyState } from '../checkpoint/store.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { Definition, SourceComponent } from '../config/definition.ts'
import { HealthBoard } from '../observe/health.ts'
import { Metrics } from '../observe/metrics.ts'
import type { SourceBatch } from '../plugin.ts'
import { sourceContext } from '../runtime/channels.ts'
import { Connections } from '../runtime/connections.ts'
import type { Environment } from '../runtime/context.ts'
import { expressionOptions } from '../runtime/expressions.ts'
import { type ManualClock, manualClock } from './manual-clock.ts'

/** The first records of a source. */
export interface Sample {
  readonly batches: readonly SourceBatch[]
  /** Records, with what could not be read. */
  readonly size: number
  readonly stop: Stop
}

/** Why there are no more: there were enough, it was the end, nothing came for a while, or an error. */
export type Stop = { readonly kind: 'limit' | 'end' | 'silence' } | { readonly kind: 'error'; readonly error: unknown }

/**
 * Asks the real source for its first `limit` records, as if it had never been read. It joins no group, commits nothing,
 * and `environment` lets it write nothing. A source that waits for time only, such as a tail that polls or a generator
 * with a rate, is not waited for: its clock runs ahead. A service is waited for, a few seconds.
 */
export async function takeSample(
  component: SourceComponent,
  definition: Definition,
  environment: Environment,
  limit: number,
): Promise<Sample> {
  const asksService = component.options.connection !== undefined
  const clock = manualClock(environment.clock.now())
  const world = asksService ? { ...environment, clock: systemClock() } : { ...environment, clock }
  const reading = openReading(component, definition, world)
  const batches: SourceBatch[] = []
  let size = 0
  try {
    const iterator = (await reading.source()).batches()[Symbol.asyncIterator]()
    while (size < limit) {
      const next = iterator.next()
      const came = await (asksService ? waitFor(next, world.clock) : hurry(next, clock))
      if (came === undefined) return { batches, size, stop: { kind: 'silence' } }
      if (came.done === true) return { batches, size, stop: { kind: 'end' } }
      const part = firstOf(came.value, limit - size)
      batches.push(part)
      size += sizeOf(part)
    }
    return { batches, size, stop: { kind: 'limit' } }
  } catch (error) {
    return { batches, size, stop: { kind: 'error', error } }
  } finally {
    await reading.close()
  }
}

function openReading(component: SourceComponent, definition: Definition, environment: Environment) {
  const { name: pipeline, folder: definitionFolder, stateDir } = definition
  const stopping = new AbortController()
  const services = {
    environment,
    pipeline,
    definitionFolder,
    stateDir,
    metrics: new Metrics(),
    health: new HealthBoard((id) => environment.logger(pipeline, id)),
    stopping: stopping.signal,
    signal: stopping.signal,
    requestCheckpoint: () => {},
    reset: { all: false, names: [] },
    expressionOptions: expressionOptions(definition, environment),
  }
  const connections = new Connections(definition.connections, services)
  const store = { state: emptyState(), commit: async () => {}, close: async () => {} }
  const context = sourceContext('source', component.name, { ...services, connections }, store, () => {})
  let opened: ReturnType<typeof open> | undefined
  const open = async () => component.plugin.open(component.options, context)
  return {
    source: () => (opened ??= open()),
    async close() {
      stopping.abort()
      const source = await opened?.catch(() => undefined)
      await source?.close?.()
      await connections.close()
    },
  }
}

type Next = Promise<IteratorResult<SourceBatch>>

async function waitFor(next: Next, clock: Clock): Promise<IteratorResult<SourceBatch> | undefined> {
  let cancel = () => {}
  const late = new Promise<undefined>((resolve) => {
    cancel = clock.timer(LONGEST_WAIT_MS, () => resolve(undefined))
  })
  const came = await Promise.race([next, late])
  cancel()
  if (came === undefined) next.catch(() => {})
  return came
}

const LONGEST_WAIT_MS = 5000

/** Lets the disk answer, then moves the clock to the next thing that waits for it. */
async function hurry(next: Next, clock: ManualClock): Promise<IteratorResult<SourceBatch> | undefined> {
  let came: IteratorResult<SourceBatch> | undefined
  const arrived = next.then((result) => {
    came = result
  })
  arrived.catch(() => {})
  for (let turn = 0; turn < MOST_TURNS && came === undefined; turn++) {
    await Promise.race([arrived, pause(2)])
    if (came === undefined && clock.nextAt !== undefined) clock.advance(clock.nextAt - clock.now())
  }
  return came
}

const MOST_TURNS = 250

function sizeOf({ frames, records, failed }: SourceBatch): number {
  return (frames?.count ?? 0) + (records?.size ?? 0) + (failed?.length ?? 0)
}

/** What is beyond the limit is left out; its bytes are kept, so they are not given back. */
function firstOf({ release: _, ...batch }: SourceBatch, limit: number): SourceBatch {
  const { frames, records, failed } = batch
  return {
    ...batch,
    ...(frames === undefined ? {} : { frames: { ...frames, count: Math.min(frames.count, limit) } }),
    ...(records === undefined ? {} : { records: recordsBatch(records.records.slice(0, limit)) }),
    ...(failed === undefined ? {} : { failed: failed.slice(0, limit) }),
  }
}

/** `component`, handing over a sample and then the end of input. */
export function replaying(component: SourceComponent, { batches }: Sample): SourceComponent {
  const open = () => ({
    async *batches() {
      yield* batches
    },
  })
  return { ...component, check: {}, plugin: { ...component.plugin, open } }
}
