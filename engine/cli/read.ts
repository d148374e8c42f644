import { EXIT } from '../errors.ts'
import type { Consumer, Kafka, OffsetRange, RecordSet } from '../registry/topics.ts'
import { writeErr } from './common.ts'
import { beginsOf, type From } from './read-from.ts'
import { type Shown, shownRecord } from './read-lines.ts'
import { findTopic, type TopicSession, type TopicsOptions, withTopics } from './topic-session.ts'
import { Where } from './where.ts'

export interface ReadOptions extends TopicsOptions {
  readonly from: From
  readonly where?: string
  readonly limit?: number
  readonly follow?: true
}

/** `streamrun read TOPIC`: its records, up to where it ended when the command began, or on and on with `--follow`. */
export function read(topic: string, options: ReadOptions): Promise<number> {
  return withTopics(options, async (session) => {
    const where = new Where(options.where, session.variables)
    await findTopic(session, topic)
    const signal = options.follow ? abortedBySignals() : new AbortController().signal
    const stretch = await stretchOf(topic, session.kafka, options)
    try {
      if (stretch.left.size > 0) await printAll(stretch, where, session, options, signal)
    } finally {
      if (where.failure !== undefined) writeErr(`${where.failure}\n`)
    }
    return EXIT.done
  })
}

/** What is to be read of each partition. */
interface Stretch {
  readonly topic: string
  readonly begins: readonly number[]
  /** Behind the last record to read. */
  readonly ends: readonly number[]
  /** Partitions that are not read to there yet. */
  readonly left: Set<number>
}

async function stretchOf(topic: string, kafka: Kafka, { from, follow }: ReadOptions): Promise<Stretch> {
  const ranges = await kafka.offsets(topic)
  const begins = await beginsOf(from, kafka, topic, ranges)
  const ends = ranges.map(({ latest }) => (follow ? Number.POSITIVE_INFINITY : latest))
  const left = [...ends.keys()].filter((partition) => (begins[partition] as number) < (ends[partition] as number))
  return { topic, begins, ends, left: new Set(left) }
}

async function printAll(
  stretch: Stretch,
  where: Where,
  session: TopicSession,
  options: ReadOptions,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await consume(stretch, session.kafka, options, signal)
  let room = options.limit ?? Number.POSITIVE_INFINITY
  for await (const set of consumer.records()) {
    const lines = await linesOf(set, stretch, where, room)
    if (lines.length > 0) await session.print(lines.join(''))
    room -= lines.length
    if (set.next >= endOf(stretch, set)) stretch.left.delete(set.partition)
    if (room === 0 || stretch.left.size === 0) return
  }
}

function consume(stretch: Stretch, kafka: Kafka, { follow }: ReadOptions, signal: AbortSignal): Promise<Consumer> {
  return kafka.consumer({
    topics: [stretch.topic],
    group: undefined,
    async assigned(places) {
      const ranges = await kafka.offsets(stretch.topic)
      return places.map((place) => ({ ...place, offset: startIn(stretch, place.partition, ranges[place.partition]) }))
    },
    revoked: async () => {},
    async outOfRange({ topic, partition, offset }, { earliest, latest }) {
      if (offset > latest) return latest
      writeErr(`${topic}/${partition}: offsets ${offset} to ${earliest - 1} are gone; going on at ${earliest}\n`)
      return earliest
    },
    signal,
    untilEnd: !follow,
  })
}

/** An offset that is still to come cannot be asked for: what comes before it is left out. */
function startIn({ begins }: Stretch, partition: number, range: OffsetRange | undefined): number {
  return Math.min(begins[partition] ?? 0, range?.latest ?? 0)
}

function endOf({ ends }: Stretch, { partition }: RecordSet): number {
  return ends[partition] ?? Number.POSITIVE_INFINITY
}

async function linesOf(set: RecordSet, stretch: Stretch, where: Where, room: number): Promise<readonly string[]> {
  const lines: string[] = []
  for (let index = 0; index < set.count && lines.length < room; index++) {
    const offset = set.offset(index)
    if (offset >= endOf(stretch, set)) break
    if (offset < (stretch.begins[set.partition] ?? 0)) continue
    const shown: Shown = shownRecord(set, index)
    const isWanted = where.accepts(shown.record)
    if (typeof isWanted === 'boolean' ? isWanted : await isWanted) lines.push(shown.line())
  }
  return lines
}

/** The first one asks for an end; the second does not wait for whoever reads the output. */
function abortedBySignals(): AbortSignal {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(EXIT.secondSignal)
    controller.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return controller.signal
}
