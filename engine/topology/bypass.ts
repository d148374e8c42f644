import type { Component, Definition } from '../config/definition.ts'
import { closureOf } from './graph.ts'
import { planTopology, type SegmentPlan } from './segments.ts'

/** A way round a durable channel that meets again with what waited in the channel. */
export interface Bypass {
  /** Where they meet. */
  readonly component: string
  /** Which of its inputs did not pass the channel. */
  readonly bypass: string
  readonly channel: string
}

/**
 * A segment may not read, itself or through others, what it wrote to a durable channel: its epoch would wait for
 * itself, because what was read from a channel is committed only after its writer's epoch (I-1), and the channel would
 * never end. Each meeting place once.
 */
export function findBypasses(definition: Definition): Bypass[] {
  const found = new Map<string, Bypass>()
  for (const channel of channelsInCircles(planTopology(definition).segments)) {
    const bypass = meetingOf(channel, definition.components)
    if (bypass !== undefined && !found.has(bypass.component)) found.set(bypass.component, bypass)
  }
  return [...found.values()]
}

/** The durable channels whose reading segment leads back to their writing one. */
function channelsInCircles(segments: readonly SegmentPlan[]): string[] {
  const writes = (segment: SegmentPlan) =>
    segment.pumps.flatMap(({ sinks }) => sinks.filter(({ kind }) => kind === 'channel').map(({ name }) => name))
  const readerOf = (channel: string) =>
    segments.find(({ pumps }) => pumps.some(({ entries }) => entries.some(({ from }) => from.name === channel)))
  const behind = (segment: SegmentPlan) => writes(segment).flatMap((channel) => readerOf(channel) ?? [])
  return segments.flatMap((segment) =>
    writes(segment).filter((channel) => {
      const reader = readerOf(channel)
      return reader !== undefined && closureOf([reader], behind).has(segment)
    }),
  )
}

/** The first component that reads both what is behind the channel and what hangs together with its writers otherwise. */
function meetingOf(channel: string, components: readonly Component[]): Bypass | undefined {
  const inputsOf = (name: string) => inputNames(components.find((one) => one.name === name))
  const readersOf = (name: string) => components.filter((one) => inputNames(one).includes(name)).map((one) => one.name)
  const behind = closureOf([channel], readersOf)
  const notBehind = (names: readonly string[]) => names.filter((name) => !behind.has(name))
  const beside = closureOf(inputsOf(channel), (name) => notBehind([...inputsOf(name), ...readersOf(name)]))
  for (const { name } of components) {
    const bypass = inputsOf(name).find((input) => beside.has(input))
    if (name !== channel && behind.has(name) && bypass !== undefined) return { component: name, bypass, channel }
  }
  return undefined
}

function inputNames(component: Component | undefined): readonly string[] {
  return component === undefined || component.kind === 'source' ? [] : component.inputs.map((input) => input.component)
}
