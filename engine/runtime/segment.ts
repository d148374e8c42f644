import type { CheckpointedSegment, SegmentCut } from '../checkpoint/coordinator.ts'
import type { StateTables } from '../checkpoint/state-tables.ts'
import { deadLettersOf, type Epoch } from '../checkpoint/store.ts'
import { Notifier } from '../notifier.ts'
import type { Load } from '../observe/load.ts'
import type { Turn } from '../plugin.ts'
import type { Json } from '../record.ts'
import type { EntryPlan, PumpPlan, SegmentPlan } from '../topology/segments.ts'
import type { Breaker } from './breaker.ts'
import type { Positions } from './cut.ts'
import type { Delivery } from './delivery.ts'
import type { Intake } from './intake.ts'
import type { RunningProcessor } from './passage.ts'
import { Pump, type PumpInput } from './pump.ts'
import { BatchQueue } from './queue.ts'
import type { Rejections } from './rejections.ts'
import { settleAll } from './settle.ts'
import { openDelivery, openIntake, openProcessor, openRejections, queueLimits, type StageServices } from './stages.ts'
import { timedIfNeeded } from './time-needed.ts'
import { makeTurns } from './turns.ts'

/** A connected part of a pipeline at work: its sources, its pumps and its sinks, cut and committed together. */
export class Segment implements CheckpointedSegment {
  readonly id: string
  /** The durable channels that it writes to. */
  readonly writesTo: readonly string[]
  readonly #parts: OpenedParts
  readonly #processors: readonly string[]
  readonly #tables: StateTables
  #closing: Promise<void> | undefined

  private constructor(plan: SegmentPlan, parts: OpenedParts, tables: StateTables) {
    this.id = plan.id
    this.#processors = plan.pumps.flatMap(({ processors }) => processors.map(({ component }) => component.name))
    this.#tables = tables
    this.writesTo = plan.pumps.flatMap(({ sinks }) =>
      sinks.filter(({ kind }) => kind === 'channel').map(({ name }) => name),
    )
    this.#parts = parts
  }

  /** Opens what is downstream first: when a source is opened, everything behind it is back at its last checkpoint. */
  static async open(plan: SegmentPlan, services: StageServices, breaker: Breaker): Promise<Segment> {
    const parts: OpenedParts = {
      pumps: [],
      intakes: [],
      deliveries: [],
      rejections: [],
      processors: [],
      queues: [],
      timedQueues: new Set(),
    }
    const wakes = new Map(plan.pumps.map((pump) => [pump.id, new Notifier()]))
    const queues = makeQueues(plan, wakes)
    const nextTurn = plan.sharing?.kind === 'single' ? makeTurns() : undefined
    try {
      const opening = { services, breaker, wakes, queues, parts, nextTurn }
      for (const pump of plan.pumps.toReversed()) await openPump(pump, opening)
    } catch (error) {
      // Why it did not open is what counts.
      await closeParts(parts).catch(() => {})
      throw error
    }
    return new Segment(plan, parts, services.store.state.tables)
  }

  /**
   * Resolves with true when every source has ended and everything that came from them has left; with false when a loop
   * failed, which `failed` was told at once, and the others have ended since.
   */
  async run(failed: (error: unknown) => void): Promise<boolean> {
    const loops = [
      ...this.#parts.intakes.map((intake) => intake.run()),
      ...this.#parts.pumps.map((pump) => pump.run(failed)),
    ]
    for (const loop of loops) loop.catch(failed)
    const ends = await Promise.allSettled(loops)
    return ends.every(({ status }) => status === 'fulfilled')
  }

  get loads(): readonly Load[] {
    const queued = this.#parts.queues.map(({ channel, reads, queue }) =>
      channel === undefined
        ? { component: reads, waiting: queue.records }
        : { component: channel, waiting: queue.records, passed: queue.passed },
    )
    const read = this.#parts.intakes.map(({ component, source }) => ({
      component,
      waiting: 0,
      progress: source.progress?.(),
    }))
    return [...queued, ...read]
  }

  /** Of the pumps that read from sources: what is behind them follows. */
  get eventTimes(): readonly { readonly watermark: number; readonly heldBy: string | undefined }[] {
    return this.#parts.pumps.flatMap(({ time }) => (time?.readsSources ? [time.reading] : []))
  }

  /** Only after the pipeline was aborted: what is under way is finished, nothing new is begun. */
  halt(): void {
    for (const pump of this.#parts.pumps) pump.halt()
    for (const intake of this.#parts.intakes) intake.halt()
  }

  async cut(): Promise<SegmentCut | undefined> {
    const cuts = await Promise.all(this.#parts.pumps.map((pump) => pump.cut()))
    if (cuts.every(({ empty }) => empty)) return undefined
    const { positions, released } = splitPositions(cuts.map((cut) => cut.positions))
    return {
      positions,
      released,
      watermarks: new Map(cuts.flatMap(({ watermarks }) => [...watermarks])),
      states: cuts.flatMap(({ states }) => states),
      flushed: settleAll(cuts.map(({ flushed }) => flushed)).then(
        (states) => new Map(states.flatMap((each) => [...each])),
      ),
      covered: () => this.#covered(positions),
    }
  }

  async committed({ positions, sinks }: Epoch): Promise<void> {
    for (const delivery of this.#parts.deliveries) {
      const state = sinks?.get(delivery.component)
      if (state !== undefined) await delivery.commit(state)
    }
    for (const { component, source } of this.#parts.intakes) {
      const moved = positions?.get(component)
      if (moved !== undefined) await source.commit?.(moved)
    }
  }

  /** Once, however often it is called. */
  close(): Promise<void> {
    this.#closing ??= closeParts(this.#parts)
    for (const name of this.#processors) this.#tables.close(name)
    return this.#closing
  }

  async #covered(positions: ReadonlyMap<string, ReadonlyMap<string, Json>>): Promise<void> {
    for (const { component, source } of this.#parts.intakes) {
      const moved = positions.get(component)
      if (moved !== undefined) await source.covered?.(moved)
    }
  }
}

interface OpenedParts {
  readonly pumps: Pump[]
  readonly intakes: Intake[]
  readonly deliveries: Delivery[]
  readonly rejections: Rejections[]
  readonly processors: RunningProcessor[]
  readonly queues: NamedQueue[]
  /** Those whose readers need to know the time. */
  readonly timedQueues: Set<BatchQueue>
}

/** A queue belongs to the memory channel that it is, or else to what is read into it. */
interface NamedQueue {
  readonly channel: string | undefined
  readonly reads: string
  readonly queue: BatchQueue
}

/** Writing pump -> memory channel -> queue, and the same queues by their reading pump. */
interface InnerQueues {
  readonly behind: ReadonlyMap<string, ReadonlyMap<string, BatchQueue>>
  readonly before: ReadonlyMap<string, readonly PumpInput[]>
}

/** One queue for each pair of a memory channel and a pump that writes to it, so that barriers keep them apart. */
function makeQueues(plan: SegmentPlan, wakes: ReadonlyMap<string, Notifier>): InnerQueues {
  const behind = new Map(plan.pumps.map((pump) => [pump.id, new Map<string, BatchQueue>()]))
  const before = new Map<string, PumpInput[]>()
  for (const pump of plan.pumps) {
    const inputs = pump.queues.flatMap(({ channel, writers, targets }) =>
      writers.map((writer): PumpInput => {
        const wake = { reader: () => wakes.get(pump.id)?.notify(), writer: () => wakes.get(writer)?.notify() }
        const queue = new BatchQueue(queueLimits(channel, writers.length), wake)
        behind.get(writer)?.set(channel.name, queue)
        return { kind: 'inner', queue, targets }
      }),
    )
    before.set(pump.id, inputs)
  }
  return { behind, before }
}

interface Opening {
  readonly services: StageServices
  readonly breaker: Breaker
  readonly wakes: ReadonlyMap<string, Notifier>
  readonly queues: InnerQueues
  /** Given to sources of which one process alone may read; undefined where processes share them. */
  readonly nextTurn: (() => Turn) | undefined
  /** Filled as parts open, so that what is open is closed when the next one fails. */
  readonly parts: OpenedParts
}

async function openPump(plan: PumpPlan, opening: Opening): Promise<void> {
  const { services, breaker, wakes, queues, parts, nextTurn } = opening
  const wake = wakes.get(plan.id) ?? new Notifier()
  const sinks = new Map<string, Delivery>()
  for (const component of plan.sinks) {
    const delivery = await openDelivery(component, services)
    parts.deliveries.push(delivery)
    await delivery.restore(services.store.state.sinks.get(component.name))
    sinks.set(component.name, delivery)
  }
  const rejections = await openRejections(plan, services)
  parts.rejections.push(rejections)
  const opened = new Map<string, RunningProcessor>()
  for (const processor of plan.processors) {
    const running = await openProcessor(processor, services)
    parts.processors.push(running)
    opened.set(processor.component.name, running)
  }
  const inputs = [...(queues.before.get(plan.id) ?? [])]
  const entries: [EntryPlan, Intake][] = []
  for (const entry of plan.entries) {
    const intake = await openIntake(entry, services, { arrived: () => wake.notify(), nextTurn })
    parts.intakes.push(intake)
    parts.queues.push({ channel: entry.channel?.name, reads: entry.from.name, queue: intake.queue })
    entries.push([entry, intake])
    inputs.push({ kind: 'entry', queue: intake.queue, targets: entry.targets })
  }
  const dropped = (channel: string, records: number) => services.metrics.of('channel', channel).add('dropped', records)
  const behind = queues.behind.get(plan.id) ?? new Map<string, BatchQueue>()
  for (const [channel, queue] of behind) parts.queues.push({ channel, reads: channel, queue })
  const timed = await timedIfNeeded({
    plan,
    processors: opened,
    inputs,
    entries,
    queues: behind,
    wake,
    services,
    parts,
  })
  const names = new Set(opened.keys())
  const pump = new Pump({
    id: plan.id,
    inputs,
    ...timed,
    takeStates: () => services.store.state.tables.takeChanges(names),
    sinks,
    queues: behind,
    rejections,
    rejectionsName: deadLettersOf(plan.id),
    breaker,
    dropped,
    wake,
    stopping: services.stopping,
  })
  parts.pumps.push(pump)
}

/** Each of them, whatever the others do; then the first failure is thrown. */
async function closeParts(parts: OpenedParts): Promise<void> {
  const closing = [
    ...parts.intakes.map(
      ({ source }) =>
        async () =>
          source.close?.(),
    ),
    ...parts.processors.map(
      ({ processor }) =>
        async () =>
          processor.close?.(),
    ),
    ...parts.deliveries.map(
      ({ sink }) =>
        async () =>
          sink.close?.(),
    ),
    ...parts.rejections.map((rejections) => () => rejections.close()),
  ]
  await settleAll(closing.map((close) => close()))
}

/** A position of undefined is a partition that is done with. */
function splitPositions(cuts: readonly Positions[]): Pick<SegmentCut, 'positions' | 'released'> {
  const positions = new Map<string, Map<string, Json>>()
  const released = new Map<string, Set<string>>()
  for (const [source, partitions] of cuts.flatMap((cut) => [...cut])) {
    const entries = [...partitions]
    positions.set(source, new Map(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined)))
    const gone = entries.filter(([, position]) => position === undefined).map(([partition]) => partition)
    if (gone.length > 0) released.set(source, new Set(gone))
  }
  return { positions, released }
}
