import { type SourceContext, StreamrunError } from '../../../engine/plugin.ts'
import type { Kafka, TopicOffset, TopicPartition } from '../../shared/kafka/port.ts'
import { nameOf, type Position } from './batches.ts'
import type { Places } from './places.ts'
import { startOf } from './start.ts'

export interface Beginning {
  readonly group: string | undefined
  readonly kafka: Kafka
  readonly places: Places
  /** Where a partition begins that nobody has read yet. */
  readonly start: string
  readonly context: SourceContext<Position>
}

/**
 * Where members that share partitions begin: from the checkpoint, else from the group's position, else from `start`.
 * Where the group is ahead of the checkpoint, another member has read on since: the group's position wins.
 */
export async function sharedBegin(place: TopicPartition, beginning: Beginning): Promise<TopicOffset> {
  const checkpointed = (await beginning.context.resume(nameOf(place)))?.offset
  const committed = await committedOf(place, beginning)
  const known = Math.max(checkpointed ?? -1, committed ?? -1)
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
  const handedOver = places.of(name)
  if (handedOver !== undefined && committed !== undefined && committed > handedOver) throw takenOver(context)
  const own = handedOver ?? (await context.resume(name))?.offset
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

/** Its state knows nothing of what was read meanwhile, and does not come to know it any more in this run. */
function takenOver({ id }: SourceContext): StreamrunError {
  return new StreamrunError('SR_KAFKA_TAKEN_OVER', `${id}: another process of the group has taken over`, {
    component: id,
  })
}

async function committedOf({ topic, partition }: TopicPartition, { group, kafka }: Beginning) {
  return group === undefined ? undefined : (await kafka.committed(group, topic))[partition]
}

async function startIn(place: TopicPartition, { kafka, start }: Beginning): Promise<number> {
  const range = (await kafka.offsets(place.topic))[place.partition] ?? { earliest: 0, latest: 0 }
  return startOf(kafka, place, range, start)
}
