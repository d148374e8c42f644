import type { ChannelComponent, Component } from '../config/definition.ts'

/** Where the records of an output go next. */
export type Target =
  | { readonly kind: 'processor'; readonly name: string }
  /** A sink, or the writing end of a durable channel. */
  | { readonly kind: 'sink'; readonly name: string }
  /** A memory channel between two pumps. */
  | { readonly kind: 'queue'; readonly name: string }

/** The components of a definition by name, and who reads whom. */
export interface Graph {
  readonly components: ReadonlyMap<string, Component>
  /** Who takes the records of a component's port, or of its main output (undefined). */
  targets(name: string, port?: string): readonly Target[]
  /** The ports of a component that somebody reads. */
  portsRead(name: string): readonly (string | undefined)[]
  /** True for a memory channel that is a queue between two pumps. */
  isBetweenPumps(channel: ChannelComponent): boolean
  /** The memory channel in front of a reading end's pump; undefined when it is implied. */
  entryChannel(name: string): ChannelComponent | undefined
}

/** `passedOver`: memory channels that are as if they were not there. */
export function readGraph(components: readonly Component[], passedOver: ReadonlySet<string> = new Set()): Graph {
  const byName = new Map(components.map((component) => [component.name, component]))
  const edges = components.flatMap((reader) => edgesInto(reader))
  const readersOf = (name: string) => edges.filter((edge) => edge.from === name)
  const entryChannels = new Set(components.filter(isEntryChannel).map(({ name }) => name))

  /** A memory channel is the entry queue of what it reads when it alone reads it; else it stands between two pumps. */
  function isEntryChannel(component: Component): boolean {
    if (component.kind !== 'channel' || isDurable(component)) return false
    return component.inputs.every(({ component: name }) => {
      const origin = byName.get(name)
      return origin !== undefined && isReadingEnd(origin) && readersOf(name).length === 1
    })
  }

  function isNoTarget(name: string): boolean {
    return entryChannels.has(name) || passedOver.has(name)
  }

  function targets(name: string, port?: string): readonly Target[] {
    const readers = readersOf(name).filter((edge) => edge.port === port)
    return readers.flatMap(({ reader }) => (isNoTarget(reader.name) ? targets(reader.name) : [targetOf(reader)]))
  }

  return {
    components: byName,
    targets,
    isBetweenPumps: (channel) => !isDurable(channel) && !isNoTarget(channel.name),
    portsRead: (name) => [...new Set(readersOf(name).map(({ port }) => port))],
    entryChannel: (name) => {
      const reader = readersOf(name)[0]?.reader
      return reader?.kind === 'channel' && entryChannels.has(reader.name) ? reader : undefined
    },
  }
}

export function isDurable(component: Component): boolean {
  return component.kind === 'channel' && component.plugin.durable !== undefined
}

/** Sources and durable channels: what a segment reads from. */
export function isReadingEnd(component: Component): boolean {
  return component.kind === 'source' || isDurable(component)
}

interface Edge {
  readonly from: string
  readonly port: string | undefined
  readonly reader: Component
}

function edgesInto(reader: Component): Edge[] {
  if (reader.kind === 'source') return []
  return reader.inputs.map((input) => ({ from: input.component, port: input.port, reader }))
}

function targetOf(reader: Component): Target {
  if (reader.kind === 'processor') return { kind: 'processor', name: reader.name }
  const between = reader.kind === 'channel' && !isDurable(reader)
  return { kind: between ? 'queue' : 'sink', name: reader.name }
}

/** `start`, and all that is reached from it. */
export function closureOf<T>(start: readonly T[], next: (item: T) => readonly T[]): Set<T> {
  const reached = new Set(start)
  for (const item of reached) for (const one of next(item)) reached.add(one)
  return reached
}
