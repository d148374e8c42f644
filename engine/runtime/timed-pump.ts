import { pumpName } from '../checkpoint/store.ts'
import { compileExpression } from '../expression/index.ts'
import { readOptions } from '../options.ts'
import { compileTimeFormat } from '../time/format.ts'
import type { TimeRule } from '../time/input-time.ts'
import { TIMESTAMP_OPTIONS, type TimestampValues } from '../time/options.ts'
import { StageTime } from '../time/stage-time.ts'
import { eventTimes, type ReadTimes } from '../time/timestamps.ts'
import type { RunningProcessor } from './passage.ts'
import type { PumpInput } from './pump.ts'
import { orderStages } from './stage-order.ts'
import type { StageServices } from './stages.ts'
import { channelOf, type OpenedPump, type TimedPump } from './time-needed.ts'
import type { TimedInput } from './timed-input.ts'
import { type KeptTime, Timekeeper } from './timekeeper.ts'

/** Lets a pump keep the time. */
export function keepTime(pump: OpenedPump): TimedPump {
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
    const read = isEvent ? readerOf(from.name, values, services) : undefined
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

function readerOf(source: string, values: TimestampValues, services: StageServices): ReadTimes {
  const { from, format, zone, max_future: maxFuture } = values
  const { clock } = services.environment
  return eventTimes({
    from: from === undefined ? undefined : compileExpression(from, services.expressionOptions(source, from)),
    format: compileTimeFormat(format, zone),
    maxFuture,
    now: () => clock.now(),
  })
}

function keptTime(kept: ReadonlyMap<string, number> | undefined): KeptTime {
  const reached = kept?.get('reached') ?? Number.NEGATIVE_INFINITY
  return { reached, passed: kept?.get('passed') ?? Number.NEGATIVE_INFINITY }
}
