import { pumpName } from '../checkpoint/store.ts'
import { compileExpression } from '../expression/index.ts'
import type { Notifier } from '../notifier.ts'
import { readOptions } from '../options.ts'
import { compileTimeFormat } from '../time/format.ts'
import { TIMESTAMP_OPTIONS, type TimestampValues } from '../time/options.ts'
import { StageTime } from '../time/stage-time.ts'
import { eventTimes, type ReadTimes } from '../time/timestamps.ts'
import type { TimeRule } from '../time/watermarks.ts'
import type { EntryPlan, PumpPlan } from '../topology/segments.ts'
import type { RunningChannel } from './channels.ts'
import type { Intake } from './intake.ts'
import type { RunningProcessor } from './passage.ts'
import type { PumpInput } from './pump.ts'
import type { BatchQueue } from './queue.ts'
import { orderStages } from './stage-order.ts'
import type { StageServices } from './stages.ts'
import { type KeptTime, type TimedInput, Timekeeper } from './timekeeper.ts'

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

/** Lets a pump keep the time if somebody in it or behind it needs to know; else it costs nothing. */
export function keepTime(pump: OpenedPump): TimedPump {
  if (!needsTime(pump)) return { processors: pump.processors }
  const { services, plan, inputs, wake } = pump
  const kept = keptTime(services.store.state.watermarks.get(pumpName(plan.id)))
  const { stages, lags } = orderStages(
    pump.processors,
    inputs.map(({ targets }) => targets),
  )
  const processors = new Map(
    stages.map(({ name, lag, gathers }) => {
      const running = pump.processors.get(name) as RunningProcessor
      return [name, { ...running, time: new StageTime(lag, kept.passed), gathers }]
    }),
  )
  const channels = plan.sinks.flatMap(({ name, kind }) => (kind === 'channel' ? [channelOf(name, services)] : []))
  const relays = [
    ...[...pump.queues].map(([name, relay]) => ({ relay, lag: lags.get(name) ?? 0 })),
    ...channels.map(({ name, relay }) => ({ relay, lag: lags.get(name) ?? 0 })),
  ]
  for (const { relay } of channels) relay.wakeWriter = () => wake.notify()
  const time = new Timekeeper({
    clock: services.environment.clock,
    inputs: inputs.map((input) => timedInput(input, pump)),
    stages: [...processors].map(([name, { processor, time }]) => ({ name, processor, time })),
    relays,
    name: pumpName(plan.id),
    kept,
    wake: () => wake.notify(),
  })
  const behind = [...pump.queues.keys(), ...channels.map(({ name }) => name)]
  return { processors, lags: new Map([...lags].filter(([name]) => behind.includes(name))), time }
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

function timedInput({ queue }: PumpInput, { entries, services, wake }: OpenedPump): TimedInput {
  const entry = entries.find(([, intake]) => intake.queue === queue)?.[0]
  if (entry === undefined) {
    return {
      component: undefined,
      rule: CARRIED,
      queue,
      read: undefined,
      carrier: { relay: queue },
      kept: new Map<string, number>(),
    }
  }
  const { from } = entry
  const kept = services.store.state.watermarks.get(from.name) ?? new Map<string, number>()
  if (from.kind === 'source') {
    const { timestamp, plugin } = from
    const isEvent = timestamp !== undefined || plugin.eventTime === true
    const values = timestamp ?? DEFAULTS
    const read = isEvent ? readerOf(values, services) : undefined
    return { component: from.name, rule: isEvent ? ruleOf(values) : { kind: 'arrival' }, queue, read, kept }
  }
  const { relay, channel } = channelOf(from.name, services)
  relay.wakeReader = () => wake.notify()
  const carrier = { relay, drained: () => channel.drained?.() ?? false }
  return { component: from.name, rule: CARRIED, queue, read: undefined, carrier, kept }
}

const CARRIED: TimeRule = { kind: 'carried' }
const DEFAULTS: TimestampValues = readOptions(TIMESTAMP_OPTIONS, {})

function ruleOf({ out_of_orderness: outOfOrderness, idle, max_drift: maxDrift }: TimestampValues): TimeRule {
  return { kind: 'event', outOfOrderness, idle, maxDrift }
}

function readerOf({ from, format, zone, max_future: maxFuture }: TimestampValues, services: StageServices): ReadTimes {
  const { clock, variables } = services.environment
  return eventTimes({
    from: from === undefined ? undefined : compileExpression(from, { environment: variables }),
    format: compileTimeFormat(format, zone),
    maxFuture,
    now: () => clock.now(),
  })
}

function keptTime(kept: ReadonlyMap<string, number> | undefined): KeptTime {
  const reached = kept?.get('reached') ?? Number.NEGATIVE_INFINITY
  return { reached, passed: kept?.get('passed') ?? Number.NEGATIVE_INFINITY }
}

function channelOf(name: string, services: StageServices): RunningChannel {
  const running = services.channels.get(name)
  if (running === undefined) throw new Error(`channel ${name} is not open`)
  return running
}
