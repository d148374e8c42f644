import { InvalidArgumentError } from 'commander'
import type { Kafka, OffsetRange } from '../registry/topics.ts'
import { TIME_EXAMPLE, timeOf } from './arguments.ts'

/** Where `streamrun read` begins. */
export type From =
  | { readonly kind: 'earliest' | 'latest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'last'; readonly count: number }
  | { readonly kind: 'time'; readonly timestamp: number }

export function parseFrom(text: string): From {
  if (text === 'earliest' || text === 'latest') return { kind: text }
  if (/^\d{1,15}$/.test(text)) return { kind: 'offset', offset: Number(text) }
  if (/^-\d{1,15}$/.test(text)) return { kind: 'last', count: -Number(text) }
  const timestamp = timeOf(text)
  if (timestamp !== undefined) return { kind: 'time', timestamp }
  throw new InvalidArgumentError(`write earliest, latest, an offset, -N, or ${TIME_EXAMPLE}.`)
}

/** The offset to begin at, of each partition; it may be one that is still to come. */
export async function beginsOf(
  from: From,
  kafka: Kafka,
  topic: string,
  ranges: readonly OffsetRange[],
): Promise<readonly number[]> {
  const since = from.kind === 'time' ? await kafka.offsetsAt(topic, from.timestamp) : []
  return ranges.map((range, partition) => Math.max(range.earliest, beginOf(from, range, since[partition])))
}

function beginOf(from: From, { earliest, latest }: OffsetRange, since: number | undefined): number {
  switch (from.kind) {
    case 'earliest':
      return earliest
    case 'latest':
      return latest
    case 'offset':
      return from.offset
    case 'last':
      return latest - from.count
    case 'time':
      return since ?? latest
  }
}
