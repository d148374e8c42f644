import type { Component } from '../config/definition.ts'
import { closureOf } from './graph.ts'
import type { PumpPlan } from './segments.ts'

/** How processes that run the same file share a segment that reads partitions (topics). */
export interface Sharing {
  /** `spread`: each process reads some of the partitions. `single`: one process reads all of them, others stand by. */
  readonly kind: 'spread' | 'single'
  /** The sources whose partitions are shared. */
  readonly sources: readonly string[]
  /** The processors that keep state of all partitions together, also those behind its durable channels. */
  readonly keepers: readonly string[]
  /** Processors that keep nothing, in front of the keepers: a topic behind them would spread them. */
  readonly spreadable: readonly string[]
}

interface SegmentPumps {
  readonly pumps: readonly PumpPlan[]
}

/**
 * Of each segment; undefined where it reads nothing that has partitions. State is kept by the process that made it: when
 * partitions moved, what their windows have counted would stay behind. So whoever keeps state is read for by one process
 * alone, and what processes share must keep nothing.
 */
export function sharingOf(
  segments: readonly SegmentPumps[],
  components: readonly Component[],
): readonly (Sharing | undefined)[] {
  return segments.map((segment) => {
    const sources = segment.pumps.flatMap(({ entries }) =>
      entries.filter(({ from }) => from.kind === 'source' && from.check.partitions !== undefined),
    )
    if (sources.length === 0) return undefined
    const keepers = keepersIn(segment, segments)
    return {
      kind: keepers.length === 0 ? 'spread' : 'single',
      sources: sources.map(({ from }) => from.name),
      keepers,
      spreadable: spreadableIn(segment, components),
    }
  })
}

/** `sales: one process reads all of it, others stand by (once keeps state)` */
export function describeSharing({ kind, sources, keepers, spreadable }: Sharing): string {
  const read = sources.join(', ')
  if (kind === 'spread') return `${read}: processes of the same group share the partitions`
  const keep = `${keepers.join(', ')} ${keepers.length === 1 ? 'keeps' : 'keep'} state`
  const hint =
    spreadable.length === 0 ? '' : `; a topic behind ${spreadable.join(', ')} would spread the work until there`
  return `${read}: one process of the group reads, others stand by (${keep}${hint})`
}

/** What a file channel carries goes to the same process: who keeps state behind it counts as well. */
function keepersIn({ pumps }: SegmentPumps, segments: readonly SegmentPumps[]): readonly string[] {
  const own = pumps.flatMap(({ processors }) => processors.filter(isKeeper).map(({ component }) => component.name))
  const written = pumps.flatMap(({ sinks }) => sinks.filter(({ kind }) => kind === 'channel').map(({ name }) => name))
  const behind = segments.filter((segment) =>
    segment.pumps.some(({ entries }) => entries.some(({ from }) => written.includes(from.name))),
  )
  return [...own, ...behind.flatMap((segment) => keepersIn(segment, segments))]
}

function isKeeper({ component }: PumpPlan['processors'][number]): boolean {
  return component.plugin.keeps !== 'nothing'
}

function spreadableIn({ pumps }: SegmentPumps, components: readonly Component[]): readonly string[] {
  const processors = pumps.flatMap((pump) => pump.processors)
  const keepers = processors.filter(isKeeper).map(({ component }) => component.name)
  const inFront = closureOf(keepers, (name) => inputsOf(name, components))
  const behind = closureOf(keepers, (name) => readersOf(name, components))
  return processors
    .map(({ component }) => component.name)
    .filter((name) => !keepers.includes(name) && inFront.has(name) && !behind.has(name))
}

function inputsOf(name: string, components: readonly Component[]): readonly string[] {
  const one = components.find((component) => component.name === name)
  return one === undefined || one.kind === 'source' ? [] : one.inputs.map(({ component }) => component)
}

function readersOf(name: string, components: readonly Component[]): readonly string[] {
  return components
    .filter((one) => one.kind !== 'source' && one.inputs.some(({ component }) => component === name))
    .map((one) => one.name)
}
