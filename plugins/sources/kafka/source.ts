import {
  messageOf,
  type OptionValues,
  retryable,
  type Source,
  type SourceBatch,
  type SourceContext,
  StreamrunError,
  sleep,
} from '../../../engine/plugin.ts'
import { type Consumer, type Kafka, TakenBack, type TopicOffset } from '../../shared/kafka/port.ts'
import { batchesOf, type Created, nameOf, type Position, partitionOf, positionAt } from './batches.ts'
import { aloneBegin, refuseIfTakenOver, resetOffset, sharedBegin } from './begin.ts'
import type { options } from './options.ts'
import { Places } from './places.ts'

type Settings = OptionValues<typeof options>

/** One member of a group. What it read is committed for the group only behind the checkpoint (I-1). */
export async function openKafkaSource(settings: Settings, context: SourceContext<Position>): Promise<Source<Position>> {
  const kafka = await context.connection<Kafka>(settings.connection)
  const places = new Places(context.clock)
  /** Partitions that became ours, with where they begin: known before anything of them is read. */
  const begun: SourceBatch<Position>[] = []
  let consumer: Consumer | undefined

  async function* batches(): AsyncGenerator<SourceBatch<Position>> {
    // Whoever makes the topic, or writes to it, may be another pipeline of this process.
    if (settings.until === 'end') await Promise.race([context.peersOpen, aborted(context.stopping)])
    try {
      const created = await topicsThatAreThere(kafka, settings, context)
      if (created === undefined) return
      await Promise.race([context.turn?.mine(), aborted(context.stopping)])
      if (context.stopping.aborted) return
      consumer = await join({ kafka, places, created, begun }, settings, context)
      for await (const set of consumer.records()) {
        yield* begun.splice(0)
        places.handOver(nameOf(set), set.next, set.end)
        yield* batchesOf(set, context.id, created)
        context.metrics.gauge('lag', places.lag)
      }
    } catch (error) {
      // What it has read of it is never committed: `covered` says so.
      if (!isLeftToTheNextStart(error, context)) throw error
    } finally {
      context.turn?.pass()
    }
  }

  return {
    batches,
    async covered(positions) {
      try {
        await consumer?.covered?.(offsetsOf(positions), context.signal)
      } catch (error) {
        throw isLeftToTheNextStart(error, context) ? retryable(messageOf(error)) : error
      }
    },
    async commit(positions) {
      await consumer?.commit(offsetsOf(positions))
      for (const [partition, { offset }] of positions) places.committed(partition, offset)
    },
    close: async () => consumer?.close(),
  }
}

/** Told to stop as its writer was, which had to give up: nobody was promised what that takes back. */
function isLeftToTheNextStart(error: unknown, { stopping }: SourceContext): boolean {
  return error instanceof TakenBack && stopping.aborted
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits for topics that are not there yet, and says so once; undefined when the pipeline is to end first. */
async function topicsThatAreThere(
  kafka: Kafka,
  { topics, until }: Settings,
  context: SourceContext,
): Promise<Created | undefined> {
  const { clock, health, stopping, id, turn } = context
  for (let looked = 0; !stopping.aborted; looked++) {
    const found = new Map((await kafka.topics(topics)).map(({ name, created }) => [name, created]))
    const missing = topics.filter((topic) => !found.has(topic))
    if (missing.length === 0) {
      if (looked > 0) health.ok()
      return found
    }
    const fault = `there is no topic ${missing.join(', ')}`
    if (until === 'end') throw new StreamrunError('SR_INPUT_MISSING', `${id}: ${fault}`, { component: id })
    health.degraded(`${fault} yet`)
    turn?.stepAside()
    await sleep(clock, LOOK_EVERY_MS, stopping)
  }
  return undefined
}

const LOOK_EVERY_MS = 1000

interface Membership {
  readonly kafka: Kafka
  readonly places: Places
  readonly created: Created
  readonly begun: SourceBatch<Position>[]
}

function join(
  { kafka, places, created, begun }: Membership,
  settings: Settings,
  context: SourceContext<Position>,
): Promise<Consumer> {
  const { id, pipeline, log, stopping, readOnly } = context
  const group = readOnly ? undefined : (settings.group ?? `${pipeline}-${id}`)
  const turn = group === undefined ? undefined : context.turn
  const beginOf = turn === undefined ? sharedBegin : aloneBegin
  const beginning = { group, kafka, places, created, settings, context }
  let standsBy = false
  return kafka.consumer({
    topics: settings.topics,
    group,
    alone: turn && {
      async standBy() {
        refuseIfTakenOver(places, context)
        if (!standsBy) log.info('stands by: another process of the group reads')
        standsBy = true
      },
    },
    async assigned(partitions) {
      const begins = await Promise.all(partitions.map((one) => beginOf(one, beginning)))
      begun.push(...(await announced(begins, kafka, created)))
      if (standsBy) log.info('its turn has come: reads now')
      standsBy = false
      turn?.pass()
      return begins
    },
    async revoked(partitions) {
      const names = partitions.map(nameOf)
      context.requestCheckpoint()
      if (!(await places.allCommitted(names, context.signal))) {
        log.warn(`gave away ${names.join(', ')} before all of it was committed: the next reader reads some of it again`)
      }
      begun.splice(0, begun.length, ...begun.filter(({ partition }) => !names.includes(partition)))
      // Their places stay with the state that goes with them.
      if (turn !== undefined) return
      for (const name of names) {
        places.forget(name)
        context.release(name)
      }
    },
    async outOfRange(place, range) {
      const held = `${nameOf(place)} holds offsets ${range.earliest} to ${range.latest}`
      return resetOffset(`${held}, and ${place.offset} was to be read`, range, beginning)
    },
    signal: stopping,
    untilEnd: settings.until === 'end',
  })
}

/** An empty partition holds nobody up; one with records that are not read yet does. */
async function announced(
  begins: readonly TopicOffset[],
  kafka: Kafka,
  created: Created,
): Promise<SourceBatch<Position>[]> {
  const topics = [...new Set(begins.map(({ topic }) => topic))]
  const ranges = new Map(await Promise.all(topics.map(async (topic) => [topic, await kafka.offsets(topic)] as const)))
  return begins.map(({ offset, ...place }) => ({
    partition: nameOf(place),
    position: positionAt(offset, created.get(place.topic)),
    caughtUp: offset >= (ranges.get(place.topic)?.[place.partition]?.latest ?? 0),
  }))
}

function offsetsOf(positions: ReadonlyMap<string, Position>): TopicOffset[] {
  return [...positions].map(([name, { offset }]) => ({ ...partitionOf(name), offset }))
}
