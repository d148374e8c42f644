import type { Definition } from '../config/definition.ts'
import { closureOf } from './graph.ts'
import { planTopology, type SegmentPlan } from './segments.ts'

/** A source that reads what its own segment writes, itself or through others. */
export interface Loop {
  readonly source: string
  readonly sink: string
  /** What lies between them, such as `kafka/events`. */
  readonly place: string
  /** The sink is in another segment, which reads what comes out of this one. */
  readonly isThroughOthers: boolean
}

/**
 * A segment may not read what it writes, itself or through others: its epoch would wait for itself, because what is read
 * is committed only after its writer's epoch (I-1). Each source once.
 */
export function findLoops(definition: Definition): readonly Loop[] {
  const { segments } = planTopology(definition)
  const placesOf = (name: string) =>
    definition.components.find((one) => one.name === name)?.check.partitions?.places ?? []
  const readersOf = (places: readonly string[]) =>
    segments.filter((one) =>
      sourcesOf(one)
        .flatMap(placesOf)
        .some((place) => places.includes(place)),
    )
  const behind = (segment: SegmentPlan) => readersOf(sinksOf(segment).flatMap(placesOf))

  function loopOf(segment: SegmentPlan, source: string): Loop | undefined {
    // The segment itself comes first.
    for (const writer of closureOf([segment], behind)) {
      for (const place of placesOf(source)) {
        const sink = sinksOf(writer).find((name) => placesOf(name).includes(place))
        if (sink !== undefined) return { source, sink, place, isThroughOthers: writer !== segment }
      }
    }
    return undefined
  }

  return segments.flatMap((segment) => sourcesOf(segment).flatMap((source) => loopOf(segment, source) ?? []))
}

function sourcesOf({ pumps }: SegmentPlan): readonly string[] {
  return pumps.flatMap(({ entries }) => entries.map(({ from }) => from.name))
}

function sinksOf({ pumps }: SegmentPlan): readonly string[] {
  return pumps.flatMap(({ sinks }) => sinks.map(({ name }) => name))
}
