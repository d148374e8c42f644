import { deadLettersOf } from '../checkpoint/store.ts'
import { Notifier } from '../notifier.ts'
import type { EntryPlan, PumpPlan, SegmentPlan } from '../topology/segments.ts'
import type { Breaker } from './breaker.ts'
import type { Delivery } from './delivery.ts'
import type { Intake } from './intake.ts'
import type { RunningProcessor } from './passage.ts'
import { Pump, type PumpInput } from './pump.ts'
import { BatchQueue } from './queue.ts'
import type { Rejections } from './rejections.ts'
import { settleAll } from './settle.ts'
import { openDelivery, openIntake, openProcessor, openRejections, queueLimits, type StageServices } from './stages.ts'
import { timedIfNeeded } from './time-needed.ts'
import { Turns } from './turns.ts'

/** What a segment is made of, once it is open. */
export interface SegmentParts {
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

/** Opens what is downstream first: when a source is opened, everything behind it is back at its last checkpoint. */
export async function openParts(plan: SegmentPlan, services: StageServices, breaker: Breaker): Promise<SegmentParts> {
  const parts: SegmentParts = {
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
  const turns = plan.sharing?.kind === 'single' ? new Turns() : undefined
  try {
    const opening = { services, breaker, wakes, queues, parts, turns }
    for (const pump of plan.pumps.toReversed()) await openPump(pump, opening)
  } catch (error) {
    // Why it did not open is what counts.
    await closeParts(parts).catch(() => {})
    throw error
  }
  return parts
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
  readonly turns: Turns | undefined
  /** Filled as parts open, so that what is open is closed when the next one fails. */
  readonly parts: SegmentParts
}

async function openPump(plan: PumpPlan, opening: Opening): Promise<void> {
  const { services, breaker, wakes, queues, parts, turns } = opening
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
    const intake = await openIntake(entry, services, { arrived: () => wake.notify(), turns })
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
export async function closeParts(parts: SegmentParts): Promise<void> {
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
