import { EXIT } from '../errors.ts'
import { formatCount } from '../observe/summary.ts'
import type { Kafka, OffsetRange } from '../registry/topics.ts'
import { writeErr } from './common.ts'
import { table } from './table.ts'
import { findTopic, missing, type TopicSession, type TopicsOptions, withTopics } from './topic-session.ts'

/** `streamrun topics list` */
export function listTopics(options: TopicsOptions): Promise<number> {
  return withTopics(options, async (session) => {
    const { kafka } = session
    const topics = await inTurn(await kafka.topics(), async ({ name, partitions }) => {
      return { name, partitions, records: recordsIn(await kafka.offsets(name)) }
    })
    topics.sort((a, b) => (a.name < b.name ? -1 : 1))
    if (topics.length === 0) writeErr(`${kafka.description}: there are no topics\n`)
    const rows = topics.map(({ name, partitions, records }) => [name, partitions, records])
    return show(session, options, topics, () => table(['topic', 'partitions', 'records'], rows))
  })
}

/** `streamrun topics describe TOPIC` */
export function describeTopic(topic: string, options: TopicsOptions): Promise<number> {
  return withTopics(options, async (session) => {
    const { kafka } = session
    const { replicationFactor, minInSyncReplicas } = await findTopic(session, topic)
    const ranges = await kafka.offsets(topic)
    const partitions = ranges.map((range, partition) => ({ partition, ...range, records: recordsIn([range]) }))
    const lags = await lagsOf(kafka, await kafka.groups(), [topic])
    const groups = [...new Set(lags.map(({ group }) => group))].map((group) => ({ group, lag: totalOf(lags, group) }))
    const data = {
      name: topic,
      replication_factor: replicationFactor,
      min_in_sync_replicas: minInSyncReplicas ?? null,
      partitions,
      groups,
    }
    return show(session, options, data, () => {
      const head = `${topic}: ${formatCount(recordsIn(ranges))} records, replication factor ${replicationFactor}\n\n`
      const rows = partitions.map(({ partition, earliest, latest, records }) => [partition, earliest, latest, records])
      const readers = groups.length === 0 ? '' : `\n${tableOf(groups, ['group', 'lag'])}`
      return head + table(['partition', 'earliest', 'latest', 'records'], rows) + readers
    })
  })
}

/** `streamrun topics offsets TOPIC` */
export function topicOffsets(topic: string, options: OffsetsOptions): Promise<number> {
  return withTopics(options, async (session) => {
    const { kafka } = session
    await findTopic(session, topic)
    const { at } = options
    const since = at === undefined ? [] : await kafka.offsetsAt(topic, at)
    const offsets = (await kafka.offsets(topic)).map((range, partition) => {
      return { partition, ...range, ...(at === undefined ? {} : { at: since[partition] ?? range.latest }) }
    })
    const columns = ['partition', 'earliest', 'latest', ...(at === undefined ? [] : ['at'])] as const
    return show(session, options, offsets, () => tableOf(offsets, columns))
  })
}

export interface OffsetsOptions extends TopicsOptions {
  /** Epoch milliseconds. */
  readonly at?: number
}

/** `streamrun topics lag [GROUP]` */
export function topicLag(group: string | undefined, options: LagOptions): Promise<number> {
  return withTopics(options, async (session) => {
    const { kafka } = session
    const groups = await kafka.groups()
    if (group !== undefined && !groups.includes(group)) {
      throw missing(`${kafka.description}: there is no group ${group}`, group, groups)
    }
    const wanted = options.topic === undefined ? await kafka.topics() : [await findTopic(session, options.topic)]
    const topics = wanted.map(({ name }) => name).sort()
    const lags = await lagsOf(kafka, group === undefined ? groups : [group], topics)
    if (lags.length === 0) writeErr(`${kafka.description}: no group has committed a position\n`)
    return show(session, options, lags, () =>
      tableOf(lags, ['group', 'topic', 'partition', 'committed', 'latest', 'lag']),
    )
  })
}

export interface LagOptions extends TopicsOptions {
  readonly topic?: string
}

interface Lag {
  readonly group: string
  readonly topic: string
  readonly partition: number
  /** Null: the group has no position there, and what it has yet to read depends on where it will begin. */
  readonly committed: number | null
  readonly latest: number
  readonly lag: number | null
}

/** Of the topics in which a group has a position. */
async function lagsOf(kafka: Kafka, groups: readonly string[], topics: readonly string[]): Promise<readonly Lag[]> {
  const lags = await inTurn(groups, (group) => inTurn(topics, (topic) => lagsIn(kafka, group, topic)))
  return lags.flat(2)
}

async function lagsIn(kafka: Kafka, group: string, topic: string): Promise<readonly Lag[]> {
  const committed = await kafka.committed(group, topic)
  if (committed.every((offset) => offset === undefined)) return []
  const ranges = await kafka.offsets(topic)
  return ranges.map(({ latest }, partition) => {
    const offset = committed[partition]
    // A group of the process that writes may be ahead of what is committed to be seen here.
    const lag = offset === undefined ? null : Math.max(0, latest - offset)
    return { group, topic, partition, committed: offset ?? null, latest, lag }
  })
}

function totalOf(lags: readonly Lag[], group: string): number {
  return lags.reduce((sum, lag) => sum + (lag.group === group ? (lag.lag ?? 0) : 0), 0)
}

/** One after the other: a cluster with a thousand topics is not to be asked for all of them at once. */
async function inTurn<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = []
  for (const item of items) answers.push(await ask(item))
  return answers
}

function recordsIn(ranges: readonly OffsetRange[]): number {
  return ranges.reduce((sum, { earliest, latest }) => sum + latest - earliest, 0)
}

async function show(
  { print }: TopicSession,
  { json }: TopicsOptions,
  data: unknown,
  text: () => string,
): Promise<number> {
  await print(json ? `${JSON.stringify(data, null, 2)}\n` : text())
  return EXIT.done
}

function tableOf<K extends string>(
  rows: readonly { readonly [key in K]?: string | number | null }[],
  columns: readonly K[],
): string {
  return table(
    columns,
    rows.map((row) => columns.map((column) => row[column] ?? undefined)),
  )
}
