import type {
  ChannelComponent,
  Component,
  Definition,
  ProcessorComponent,
  SinkComponent,
  SourceComponent,
} from '../config/definition.ts'
import { closureOf, type Graph, isDurable, isReadingEnd, readGraph, type Target } from './graph.ts'
import { type Sharing, sharingOf } from './sharing.ts'

/**
 * The plan of a pipeline: what runs together, and what flows where. Pure: made from the definition alone.
 *
 * A *segment* is a connected component of the graph after each durable channel is split into its writing and its
 * reading end; it has checkpoints of its own. Inside it every reading end has an entry queue, and a *pump* takes
 * batches from its queues and drives them through processors into sinks. A memory channel behind a processor is a
 * queue between two pumps; whatever else lies between two queues is one pump.
 */
export interface Topology {
  /** Upstream first. */
  readonly segments: readonly SegmentPlan[]
}

export interface SegmentPlan {
  /** The names of its reading ends: stable while they stay. */
  readonly id: string
  readonly pumps: readonly PumpPlan[]
  /** How processes share it; undefined where it reads nothing that has partitions. */
  readonly sharing: Sharing | undefined
}

export interface PumpPlan {
  /** The name of its first input. */
  readonly id: string
  readonly entries: readonly EntryPlan[]
  readonly queues: readonly QueuePlan[]
  readonly processors: readonly ProcessorPlan[]
  /** Sinks and the writing ends of durable channels. */
  readonly sinks: readonly (SinkComponent | ChannelComponent)[]
}

/** A source, or the reading end of a durable channel, and the memory channel that bounds its queue (else implied). */
export interface EntryPlan {
  readonly from: SourceComponent | ChannelComponent
  readonly channel: ChannelComponent | undefined
  /** How many entries share the bounds of that channel. */
  readonly share: number
  readonly targets: readonly Target[]
}

/** A memory channel between pumps: one queue for each pump that writes to it. */
export interface QueuePlan {
  readonly channel: ChannelComponent
  /** The ids of the pumps that write to it. */
  readonly writers: readonly string[]
  readonly targets: readonly Target[]
}

export interface ProcessorPlan {
  readonly component: ProcessorComponent
  /** Who reads each port; the main one is undefined. A port that nobody reads is absent. */
  readonly outputs: ReadonlyMap<string | undefined, readonly Target[]>
}

export function planTopology(definition: Definition): Topology {
  const groups = joinPumps(planWithoutCircles(definition.components)).map((pumps) => ({ pumps }))
  const sharings = sharingOf(groups, definition.components)
  const segments = groups.map(({ pumps }, index) => ({ id: segmentId(pumps), pumps, sharing: sharings[index] }))
  return { segments: upstreamFirst(segments) }
}

/**
 * A pump that reads, itself or through others, what it writes to a memory channel would wait for its own barrier: such
 * a channel is passed over, which makes one pump of those on both sides of it, until there is no circle left.
 */
function planWithoutCircles(components: readonly Component[]): PumpPlan[] {
  const passedOver = new Set<string>()
  for (;;) {
    const pumps = planPumps(readGraph(components, passedOver))
    const circling = channelsInCircles(pumps)
    if (circling.length === 0) return pumps
    for (const name of circling) passedOver.add(name)
  }
}

function channelsInCircles(pumps: readonly PumpPlan[]): string[] {
  const readersOf = (id: string) =>
    pumps.filter(({ queues }) => queues.some(({ writers }) => writers.includes(id))).map((pump) => pump.id)
  return pumps.flatMap((pump) => {
    const behind = closureOf([pump.id], readersOf)
    return pump.queues.filter(({ writers }) => writers.some((id) => behind.has(id))).map(({ channel }) => channel.name)
  })
}

/** Everything that is reached without passing through a queue or a durable channel is one pump. */
function planPumps(graph: Graph): PumpPlan[] {
  const groups = connectedGroups([...graph.components.keys()].flatMap((name) => pumpLinks(name, graph)))
  const drafts = groups.map((group) => draftPump(group, graph))
  const idOf = (writes: string) => drafts.filter((pump) => pumpTargets(pump).has(`queue ${writes}`)).map(({ id }) => id)
  return drafts.map((pump) => ({
    ...pump,
    queues: pump.queues.map((queue) => ({ ...queue, writers: idOf(queue.channel.name) })),
  }))
}

/** Nodes are told apart by their role: a durable channel is `read x` to its readers and `run x` to its writers. */
function pumpLinks(name: string, graph: Graph): string[][] {
  const component = graph.components.get(name)
  if (component === undefined) return []
  const direct = (node: string, targets: readonly Target[]) => [
    [node, ...targets.filter(({ kind }) => kind !== 'queue').map((target) => `run ${target.name}`)],
  ]
  const everyTarget = graph.portsRead(name).flatMap((port) => graph.targets(name, port))
  if (isDurable(component)) return [[`run ${name}`], ...direct(`read ${name}`, everyTarget)]
  if (component.kind === 'source') return direct(`read ${name}`, everyTarget)
  if (component.kind !== 'channel') return direct(`run ${name}`, everyTarget)
  return graph.isBetweenPumps(component) ? direct(`queue ${name}`, everyTarget) : []
}

function draftPump(group: readonly string[], graph: Graph): PumpPlan {
  const members = (role: string) =>
    group.filter((node) => node.startsWith(`${role} `)).map((node) => node.slice(role.length + 1))
  const component = (name: string) => graph.components.get(name)
  const entries = members('read')
    .map(component)
    .filter((one) => one !== undefined && isReadingEnd(one))
  const queues = members('queue')
    .map(component)
    .filter((one) => one?.kind === 'channel')
  const running = members('run').map(component)
  return {
    id: (entries[0] ?? queues[0])?.name ?? members('run').join(' '),
    entries: entries.map((from) => planEntry(from as EntryPlan['from'], graph)),
    queues: queues.map((channel) => ({ channel, writers: [], targets: graph.targets(channel.name) })),
    processors: running.filter((one) => one?.kind === 'processor').map((one) => planProcessor(one, graph)),
    sinks: running.filter((one) => one?.kind === 'sink' || one?.kind === 'channel'),
  }
}

function planEntry(from: EntryPlan['from'], graph: Graph): EntryPlan {
  const channel = graph.entryChannel(from.name)
  return { from, channel, share: channel?.inputs.length ?? 1, targets: graph.targets(from.name) }
}

function planProcessor(component: ProcessorComponent, graph: Graph): ProcessorPlan {
  const ports = graph.portsRead(component.name)
  return { component, outputs: new Map(ports.map((port) => [port, graph.targets(component.name, port)])) }
}

/** Pumps that a memory channel joins belong to one segment. */
function joinPumps(pumps: readonly PumpPlan[]): PumpPlan[][] {
  const links = pumps.map((pump) => [pump.id, ...pump.queues.flatMap(({ writers }) => writers)])
  return connectedGroups(links).map((ids) => pumpsUpstreamFirst(pumps.filter(({ id }) => ids.includes(id))))
}

function segmentId(pumps: readonly PumpPlan[]): string {
  return pumps.flatMap(({ entries }) => entries.map(({ from }) => from.name)).join(' ')
}

function pumpsUpstreamFirst(pumps: readonly PumpPlan[]): PumpPlan[] {
  return inOrder(pumps, (pump, other) => pump.queues.some(({ writers }) => writers.includes(other.id)))
}

function upstreamFirst(segments: readonly SegmentPlan[]): SegmentPlan[] {
  return inOrder(segments, (segment, other) => {
    const written = new Set(other.pumps.flatMap(({ sinks }) => sinks.map(({ name }) => name)))
    return segment.pumps.some(({ entries }) => entries.some(({ from }) => written.has(from.name)))
  })
}

/** Each item after all that it is `after`; there are no cycles, the wiring was checked. */
function inOrder<T>(items: readonly T[], after: (item: T, other: T) => boolean): T[] {
  const placed: T[] = []
  let rest = [...items]
  while (rest.length > 0) {
    const ready = rest.filter((item) => !rest.some((other) => other !== item && after(item, other)))
    placed.push(...(ready.length > 0 ? ready : rest))
    rest = ready.length > 0 ? rest.filter((item) => !ready.includes(item)) : []
  }
  return placed
}

function pumpTargets(pump: PumpPlan): Set<string> {
  const targets = [
    ...pump.entries.flatMap((entry) => entry.targets),
    ...pump.queues.flatMap((queue) => queue.targets),
    ...pump.processors.flatMap((processor) => [...processor.outputs.values()].flat()),
  ]
  return new Set(targets.map(({ kind, name }) => `${kind} ${name}`))
}

/** Joins lists that share a member; members keep the order in which they first came. */
function connectedGroups(lists: readonly (readonly string[])[]): string[][] {
  const groups: Set<string>[] = []
  for (const list of lists) {
    const touched = groups.filter((group) => list.some((name) => group.has(name)))
    const joined = new Set([...touched.flatMap((group) => [...group]), ...list])
    const at = touched[0] === undefined ? groups.length : groups.indexOf(touched[0])
    groups[at] = joined
    for (const other of touched.slice(1)) groups.splice(groups.indexOf(other), 1)
  }
  return groups.map((group) => [...group])
}
