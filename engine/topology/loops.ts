import type { Definition } from '../config/definition.ts'
import { planTopology } from './segments.ts'

/** A source that reads what a sink of its own segment writes. */
export interface Loop {
  readonly source: string
  readonly sink: string
  /** What lies between them, such as `kafka/events`. */
  readonly place: string
}

/**
 * A segment may not read what it writes itself: its epoch would wait for itself, because what is read is committed only
 * after its writer's epoch (I-1). Each source once.
 */
export function findLoops(definition: Definition): readonly Loop[] {
  const placesOf = (name: string) =>
    definition.components.find((one) => one.name === name)?.check.partitions?.places ?? []
  return planTopology(definition).segments.flatMap(({ pumps }) => {
    const sinks = pumps.flatMap((pump) => pump.sinks.map(({ name }) => name))
    const sources = pumps.flatMap((pump) => pump.entries.map(({ from }) => from.name))
    return sources.flatMap((source) => {
      for (const place of placesOf(source)) {
        const sink = sinks.find((name) => placesOf(name).includes(place))
        if (sink !== undefined) return [{ source, sink, place }]
      }
      return []
    })
  })
}
