import { type OptionValues, type SourceContext, StreamrunError } from '../../../engine/plugin.ts'
import type { Kafka, OffsetRange, TopicOffset, TopicPartition } from '../../shared/kafka/port.ts'
import { type Created, nameOf, type Position } from './batches.ts'
import type { options } from './options.ts'
import type { Places } from './places.ts'
import { startOf } from './start.ts'

export interface Beginning {
  readonly group: string | undefined
  readonly kafka: Kafka
  readonly places: Places
  readonly created: Created
  /** `start`: where a partition begins that nobody has read yet. */
  readonly settings: Pick<OptionValues<typeof options>, 'start' | 'offset_reset'>
  readonly context: SourceContext<Position>
}

/**
 * Where members that share partitions begin: from the checkpoint, else from the group's position, else from `start`.
 * Where the group is ahead of the checkpoint, another member has read on since: the group's position wins.
 */
export async function sharedBegin(place: TopicPartition, beginning: Beginning): Promise<TopicOffset> {
  const committed = await committedOf(place, beginning)
  if (startsOver(place, committed, beginning)) return { ...place, offset: await startIn(place, beginning) }
  const known = Math.max((await ownOffset(place, beginning)) ?? -1, committed ?? -1)
  return { ...place, offset: known >= 0 ? known : await startIn(place, beginning) }
}

/**
 * Where one begins that reads alone, because there is state behind it: where that state stands. What another process
 * has read on since comes again, and then the state is whole.
 */
export async function aloneBegin(place: TopicPartition, beginning: Beginning): Promise<TopicOffset> {
  const { places, context, group } = beginning
  const name = nameOf(place)
  const committed = await committedOf(place, beginning)
  if (startsOver(place, committed, beginning)) return { ...place, offset: await startIn(place, beginning) }
  const handedOver = places.of(name)
  if (handedOver !== undefined && committed !== undefined && committed > handedOver) throw takenOver(context)
  const own = handedOver ?? (await ownOffset(place, beginning))
  if (own !== undefined && own < (committed ?? 0)) {
    context.log.info(`reads ${name} from ${own} on, where its state stands, though its group has come to ${committed}`)
  }
  if (own !== undefined) return { ...place, offset: own }
  if (committed === undefined) return { ...place, offset: await startIn(place, beginning) }
  if (committed > 0) {
    const open = 'what was open in the state of whoever read before, such as windows, begins anew'
    context.log.warn(`goes on in ${name} at ${committed}, where group ${group} is, without a state of its own: ${open}`)
  }
  return { ...place, offset: committed }
}

/** Another member has everything, and this one has read: it cannot come back to that. */
export function refuseIfTakenOver(places: Places, context: SourceContext): void {
  if (places.known) throw takenOver(context)
}

/** what is skipped, or read again, is said and counted, and by default it stops the pipeline (K-9). */
export function resetOffset(
  why: string,
  { earliest, latest }: OffsetRange,
  { settings, context }: Pick<Beginning, 'settings' | 'context'>,
): number {
  const { id, log, metrics } = context
  const { offset_reset } = settings
  if (offset_reset === 'fail') throw new StreamrunError('SR_KAFKA_OFFSETS', `${id}: ${why}`, { component: id })
  const next = offset_reset === 'earliest' ? earliest : latest
  log.warn(`${why}: going on at ${next}`)
  metrics.count('offset_resets')
  return next
}

/** Its state knows nothing of what was read meanwhile, and does not come to know it any more in this run. */
function takenOver({ id }: SourceContext): StreamrunError {
  return new StreamrunError('SR_KAFKA_TAKEN_OVER', `${id}: another process of the group has taken over`, {
    component: id,
  })
}

/** Once for each partition in a run: what the run has read of it since counts. */
function startsOver(place: TopicPartition, committed: number | undefined, { places, context, group }: Beginning) {
  const name = nameOf(place)
  if (!context.startsOver || !places.isNew(name)) return false
  if (committed !== undefined) context.log.info(`starts over in ${name}, where group ${group} has come to ${committed}`)
  return true
}

async function committedOf({ topic, partition }: TopicPartition, { group, kafka }: Beginning) {
  return group === undefined ? undefined : (await kafka.committed(group, topic))[partition]
}

/** As the checkpoint says; undefined: it does not. */
async function ownOffset(place: TopicPartition, beginning: Beginning): Promise<number | undefined> {
  const { context, created } = beginning
  const name = nameOf(place)
  const own = await context.resume(name)
  const now = created.get(place.topic)
  if (own?.created === undefined || now === undefined || own.created === now) return own?.offset
  const why = `the topic of ${name} was made anew after it was read up to offset ${own.offset}`
  return resetOffset(why, await rangeOf(place, beginning), beginning)
}

async function startIn(place: TopicPartition, beginning: Beginning): Promise<number> {
  return startOf(beginning.kafka, place, await rangeOf(place, beginning), beginning.settings.start)
}

async function rangeOf({ topic, partition }: TopicPartition, { kafka }: Beginning): Promise<OffsetRange> {
  return (await kafka.offsets(topic))[partition] ?? { earliest: 0, latest: 0 }
}
