import {
  type Frames,
  type Json,
  makeRecord,
  type Origin,
  recordsBatch,
  type SourceBatch,
  type StreamRecord,
} from '../../../engine/plugin.ts'
import type { RecordSet, TopicPartition } from '../../shared/kafka/port.ts'
import { whenLast } from '../../shared/memory-pool.ts'

/** The next offset to read, of the topic that was made then (epoch milliseconds), where that is known. */
export type Position = { readonly offset: number; readonly created?: number }

/** When topics were made, by name; undefined: not known. */
export type Created = ReadonlyMap<string, number | undefined>

export function positionAt(offset: number, created: number | undefined): Position {
  return created === undefined ? { offset } : { offset, created }
}

/** The source partition of a topic's partition: `events/0`. */
export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** The topic's partition of a source partition. */
export function partitionOf(name: string): TopicPartition {
  const slash = name.lastIndexOf('/')
  return { topic: name.slice(0, slash), partition: Number(name.slice(slash + 1)) }
}

/** A set as one batch, or as several where tombstones stand in it: they have no bytes for a codec to look at. */
export function* batchesOf(set: RecordSet, component: string, made: Created): Generator<SourceBatch<Position>> {
  const partition = nameOf(set)
  const created = made.get(set.topic)
  const runs = runsOf(set)
  const release = whenLast(runs.length, () => set.release?.())
  for (const [index, run] of runs.entries()) {
    const isLast = index === runs.length - 1
    const position = positionAt(isLast ? set.next : set.offset(run.to), created)
    const caughtUp = isLast && set.next >= set.end
    const content = run.isTombstones
      ? { records: recordsBatch(tombstones(set, run, { component, partition })) }
      : { frames: framesOf(set, run) }
    yield { partition, ...content, position, caughtUp, release }
  }
  // Nothing but markers, or what compaction has left: only the position moves.
  if (runs.length === 0) yield { partition, position: positionAt(set.next, created), caughtUp: set.next >= set.end }
}

interface Run {
  readonly from: number
  readonly to: number
  readonly isTombstones: boolean
}

function runsOf(set: RecordSet): readonly Run[] {
  const runs: Run[] = []
  for (let from = 0; from < set.count; ) {
    const isTombstones = set.isTombstone(from)
    let to = from + 1
    while (to < set.count && set.isTombstone(to) === isTombstones) to += 1
    runs.push({ from, to, isTombstones })
    from = to
  }
  return runs
}

function framesOf(set: RecordSet, { from, to }: Run): Frames {
  return {
    data: set.data,
    starts: set.starts.subarray(from, to),
    ends: set.ends.subarray(from, to),
    lines: numbersFrom(from, to),
    count: to - from,
    base: NOWHERE,
    checkedBy: set.checkedBy,
    attributes: {
      key: (index) => set.key(index),
      timestamp: (index) => set.timestamp(index),
      headers: (index) => set.headers(index),
      position: (index) => originOf(set, index),
    },
  }
}

function numbersFrom(from: number, to: number): Uint32Array {
  const numbers = new Uint32Array(to - from)
  for (let index = 0; index < numbers.length; index++) numbers[index] = from + index
  return numbers
}

function tombstones(set: RecordSet, { from, to }: Run, place: Omit<Origin, 'position'>): StreamRecord[] {
  return Array.from({ length: to - from }, (_, nth) => {
    const index = from + nth
    return makeRecord({
      value: null,
      raw: null,
      key: set.key(index),
      timestamp: set.timestamp(index),
      headers: set.headers(index),
      origin: { ...place, position: originOf(set, index) },
    })
  })
}

function originOf(set: RecordSet, index: number): Json {
  return { offset: set.offset(index) }
}

/** The attributes say where each record stands. */
const NOWHERE = { offset: 0, line: 1 }
