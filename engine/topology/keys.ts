import type { Definition } from '../config/definition.ts'

/** By which key the partitions of what a source reads were chosen, and which component says so. */
export interface PartitionKey {
  /** An expression over the records of the source. */
  readonly by: string
  /** The source itself, or the sink that writes what it reads. */
  readonly from: string
}

/**
 * What is known of the keys of sources, by their names, to be shown. A source says it itself (`keyed_by`), or all sinks
 * of the file that write to what it reads use one key.
 */
export function partitionKeys({ components }: Pick<Definition, 'components'>): ReadonlyMap<string, PartitionKey> {
  const writers = components.filter(({ kind }) => kind === 'sink')
  const keys = new Map<string, PartitionKey>()
  for (const { kind, name, check } of components) {
    if (kind !== 'source' || check.partitions === undefined) continue
    const { by, places } = check.partitions
    const key = by === undefined ? keyOf(places, writers) : { by, from: name }
    if (key !== undefined) keys.set(name, key)
  }
  return keys
}

type Writer = Pick<Definition['components'][number], 'name' | 'check'>

/** Undefined where a place has no writer in this file, or not all of them use the same key. */
function keyOf(places: readonly string[], writers: readonly Writer[]): PartitionKey | undefined {
  const ofEach = places.map((place) => writers.filter(({ check }) => check.partitions?.places.includes(place)))
  if (ofEach.some((those) => those.length === 0)) return undefined
  const [first, ...others] = ofEach.flat()
  const by = first?.check.partitions?.by
  if (first === undefined || by === undefined) return undefined
  return others.every(({ check }) => check.partitions?.by === by) ? { by, from: first.name } : undefined
}
