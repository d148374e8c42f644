import type { TopicOffset, TopicPartition } from '../port.ts'

/** How far a partition is read that is ours. */
export interface Place extends TopicPartition {
  /** Where the next fetch begins: what was fetched elsewhere is dropped. */
  fetched: number
  /** Behind what was handed out. */
  handed: number
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

export function placeAt({ topic, partition, offset }: TopicOffset): Place {
  return { topic, partition, fetched: offset, handed: offset }
}

export function partitionsOf(places: Iterable<TopicPartition>): TopicPartition[] {
  return [...places].map(({ topic, partition }) => ({ topic, partition }))
}
