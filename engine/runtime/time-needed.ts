import type { Notifier } from '../notifier.ts'
import type { EntryPlan, PumpPlan } from '../topology/segments.ts'
import type { RunningChannel } from './channels.ts'
import type { Intake } from './intake.ts'
import type { RunningProcessor } from './passage.ts'
import type { PumpInput } from './pump.ts'
import type { BatchQueue } from './queue.ts'
import type { StageServices } from './stages.ts'
import type { Timekeeper } from './timekeeper.ts'

/** A pump whose parts are open. */
export interface OpenedPump {
  readonly plan: PumpPlan
  readonly processors: ReadonlyMap<string, RunningProcessor>
  readonly inputs: readonly PumpInput[]
  readonly entries: readonly (readonly [EntryPlan, Intake])[]
  readonly queues: ReadonlyMap<string, BatchQueue>
  readonly wake: Notifier
  readonly services: StageServices
  readonly parts: { readonly timedQueues: Set<BatchQueue> }
}

export interface TimedPump {
  readonly processors: ReadonlyMap<string, RunningProcessor>
  readonly lags?: ReadonlyMap<string, number>
  readonly time?: Timekeeper
}

/** Lets a pump keep the time if somebody in it or behind it needs to know; else it costs nothing, not even a module. */
export async function timedIfNeeded(pump: OpenedPump): Promise<TimedPump> {
  if (!needsTime(pump)) return { processors: pump.processors }
  const { keepTime } = await import('./timed-pump.ts')
  return keepTime(pump)
}

/** Pumps are opened downstream first, so whoever reads from this one has said so by now. */
function needsTime({ plan, processors, inputs, entries, queues, services, parts }: OpenedPump): boolean {
  const isNeeded =
    [...processors.values()].some(({ processor }) => processor.wake !== undefined) ||
    entries.some(([{ from }]) => from.kind === 'source' && from.timestamp !== undefined) ||
    [...queues.values()].some((queue) => parts.timedQueues.has(queue)) ||
    plan.sinks.some(({ name, kind }) => kind === 'channel' && channelOf(name, services).isTimed)
  if (!isNeeded) return false
  for (const { kind, queue } of inputs) if (kind === 'inner') parts.timedQueues.add(queue)
  for (const [{ from }] of entries) if (from.kind === 'channel') channelOf(from.name, services).isTimed = true
  return true
}

export function channelOf(name: string, services: StageServices): RunningChannel {
  const running = services.channels.get(name)
  if (running === undefined) throw new Error(`channel ${name} is not open`)
  return running
}
