import { type CheckpointStore, deadLettersOf } from '../checkpoint/store.ts'
import { encodeBatch, encodeEach, encodeInPlace } from '../codec/encode.ts'
import { createCodec, createEncoder, type Encoder } from '../codec/index.ts'
import { Scratch } from '../codec/scratch.ts'
import type { ChannelComponent, Definition, Retry, SinkComponent } from '../config/definition.ts'
import { GaveUpError } from '../errors.ts'
import type { Sink, SinkContext, Source, Turn } from '../plugin.ts'
import type { EntryPlan, ProcessorPlan, PumpPlan } from '../topology/segments.ts'
import { type RunningChannel, sourceContext } from './channels.ts'
import { componentContext, type SourceServices } from './context.ts'
import { deadLetterFile } from './dead-letters.ts'
import { Delivery, type DeliveryParts } from './delivery.ts'
import { faultOf } from './fault.ts'
import { Intake } from './intake.ts'
import type { RunningProcessor } from './passage.ts'
import type { QueueLimits } from './queue.ts'
import { keepRejected, type Rejections, skipRejected, stopAtRejected } from './rejections.ts'
import type { RetryParts } from './retry.ts'
import type { Turns } from './turns.ts'

/** What stages are opened with: one set per running pipeline. */
export interface StageServices extends SourceServices {
  readonly definition: Definition
  readonly store: CheckpointStore
  readonly channels: ReadonlyMap<string, RunningChannel>
}

/** Opens a sink, or takes the writing end of a durable channel; before its first write it must be restored. */
export async function openDelivery(
  component: SinkComponent | ChannelComponent,
  services: StageServices,
): Promise<Delivery> {
  const encoding: Encoding = { unencodable: [], scratch: new Scratch() }
  const sink = component.kind === 'sink' ? await openSink(component, services, encoding) : writerOf(component, services)
  const retry = component.kind === 'sink' ? component.retry : DEFAULT_RETRY
  return new Delivery({ ...retryParts(component.kind, component.name, retry, services), sink, ...encoding })
}

/** What a delivery and the context of its sink share. */
type Encoding = Required<Pick<DeliveryParts, 'unencodable' | 'scratch'>>

async function openSink(
  component: SinkComponent,
  services: StageServices,
  { unencodable, scratch }: Encoding,
): Promise<Sink> {
  const codec = component.codec && createEncoder(component.codec.name, component.codec.options)
  const context: SinkContext = {
    ...componentContext(services, 'sink', component.name),
    stdout: services.environment.stdout,
    startBytes: codec?.startBytes ?? 0,
    encode(batch, start) {
      const { chunks, failed } = encodeBatch(codecOf(component, codec), batch, start, scratch)
      for (const refused of failed) unencodable.push(refused)
      return chunks
    },
    encodeEach(batch) {
      const { values, failed } = encodeEach(codecOf(component, codec), batch)
      for (const refused of failed) unencodable.push(refused)
      return values
    },
    encodeInPlace: (batch) => encodeInPlace(codecOf(component, codec), batch),
  }
  return starting(component.name, () => component.plugin.open(component.options, context))
}

function codecOf({ name }: SinkComponent, codec: Encoder | undefined): Encoder {
  if (codec === undefined) throw new Error(`sink ${name} encodes, but its plugin declares no codec`)
  return codec
}

function writerOf(component: ChannelComponent, services: StageServices): Sink {
  return channelOf(component, services).channel.writer
}

/** The implicit sink of a pump for records that were rejected for themselves. */
export async function openRejections(pump: PumpPlan, services: StageServices): Promise<Rejections> {
  const { definition, environment, metrics, stateDir } = services
  if (definition.onError === 'stop') return stopAtRejected()
  if (definition.onError === 'skip') return skipRejected(metrics.of('dead letters', 'skipped'))
  const { clock, storage, logger } = environment
  const { maxSize, maxAge } = definition.deadLetters
  const log = logger(services.pipeline, 'dead-letters')
  const file = deadLetterFile({
    storage,
    clock,
    log,
    folder: `${stateDir}/dead-letters`,
    pump: pump.id,
    maxSize,
    maxAge,
  })
  const state = services.store.state.sinks.get(deadLettersOf(pump.id))
  await file.restore?.(state as { file: number; length: number } | undefined)
  return keepRejected(file, retryParts('dead letters', 'dead-letters', DEFAULT_RETRY, services))
}

export async function openProcessor(
  { component, outputs }: ProcessorPlan,
  services: StageServices,
): Promise<RunningProcessor> {
  const context = componentContext(services, 'processor', component.name)
  const processor = await starting(component.name, () =>
    component.plugin.open(component.options, {
      ...context,
      state: (state, form) => services.store.state.tables.open({ component: component.name, state }, form),
    }),
  )
  return { processor, outputs, metrics: services.metrics.of('processor', component.name) }
}

/** Opens a source, or takes the reading end of a durable channel, with the queue in front of its pump. */
export async function openIntake(
  entry: EntryPlan,
  services: StageServices,
  { arrived, turns }: { readonly arrived: () => void; readonly turns: Turns | undefined },
): Promise<Intake> {
  const { from } = entry
  // Filled in below: a source may say that it is done with a partition only once it runs.
  let intake: Intake | undefined
  const release = (partition: string) => intake?.release(partition)
  const turn = from.check.partitions === undefined ? undefined : turns?.next()
  const source = await openSource(from, services, release, turn)
  intake = new Intake({
    component: from.name,
    source,
    codec: from.kind === 'source' ? from.codec && createCodec(from.codec.name, from.codec.options) : undefined,
    limits: queueLimits(entry.channel, entry.share),
    clock: services.environment.clock,
    stopping: services.stopping,
    metrics: services.metrics.of(from.kind, from.name),
    arrived,
  })
  const positions = services.store.state.positions.get(from.name)
  if (positions !== undefined) await source.commit?.(positions)
  return intake
}

async function openSource(
  from: EntryPlan['from'],
  services: StageServices,
  release: (partition: string) => void,
  turn: Turn | undefined,
): Promise<Source> {
  if (from.kind === 'source') {
    const context = sourceContext('source', from.name, services, services.store, release, turn)
    return starting(from.name, () => from.plugin.open(from.options, context))
  }
  const running = channelOf(from, services)
  running.released = release
  return running.channel.reader
}

/** The bounds of a queue: those of its memory channel, divided among the queues that share it. */
export function queueLimits(channel: ChannelComponent | undefined, share: number): QueueLimits {
  const { max_size, max_records, when_full } = (channel?.options ?? {}) as MemoryOptions
  return {
    maxBytes: (max_size ?? IMPLIED_MAX_BYTES) / share,
    maxRecords: (max_records ?? Number.POSITIVE_INFINITY) / share,
    whenFull: when_full ?? 'block',
  }
}

/** The options of `plugins/channels/memory`, whose channel is the engine's own. */
interface MemoryOptions {
  readonly max_size?: number
  readonly max_records?: number | undefined
  readonly when_full?: 'block' | 'drop-newest'
}

const IMPLIED_MAX_BYTES = 4 * 1024 * 1024
const DEFAULT_RETRY: Retry = { attempts: undefined, delay: 500, maxDelay: 30_000 }

async function starting<T>(component: string, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    throw error instanceof GaveUpError ? error : faultOf(component, error)
  }
}

function channelOf(component: ChannelComponent, services: StageServices): RunningChannel {
  const running = services.channels.get(component.name)
  if (running === undefined) throw new Error(`channel ${component.name} is not open`)
  return running
}

function retryParts(kind: string, component: string, retry: Retry, services: StageServices): RetryParts {
  const { environment, metrics, health, stopping } = services
  const { clock, random } = environment
  return {
    component,
    retry,
    clock,
    random,
    metrics: metrics.of(kind, component),
    health: health.of(component),
    stopping,
  }
}
