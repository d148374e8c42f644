import { offsetsFault, orDiskFault, topicFault } from './faults.ts'
import type { Covered } from './ledger.ts'
import type { Partition } from './partition.ts'
import { type EmbeddedProducer, refuseTailOfAnother } from './producer.ts'
import type { Shared } from './shared.ts'

/**
 * Brings every partition that this writer wrote to back to its last epoch: to the end that its state names, or to
 * what is covered where it names none, or where others have written more since. Idempotent.
 */
export async function restorePartitions(
  shared: Shared,
  writer: EmbeddedProducer,
  state: { readonly [partition: string]: number },
): Promise<readonly Partition[]> {
  const { ledger } = shared
  const restored: Partition[] = []
  const notes = new Map<string, Covered>()
  for (const key of new Set([...Object.keys(state), ...ledger.writtenBy(writer.owner)])) {
    const partition = await find(shared, writer, key, state[key] ?? 0)
    if (partition === undefined) continue
    const end = await cutBack(shared, writer.owner, partition, state[key] ?? 0)
    const known = ledger.covered(key)
    if (known?.end !== end || known.owner !== writer.owner) notes.set(key, { end, owner: writer.owner })
    restored.push(partition)
  }
  await orDiskFault('the ledger', ledger.cover(notes))
  for (const partition of restored) partition.covered = partition.end
  return restored
}

/** Undefined: the topic is gone, and nothing was committed to it. */
async function find(
  shared: Shared,
  writer: EmbeddedProducer,
  key: string,
  committed: number,
): Promise<Partition | undefined> {
  const slash = key.lastIndexOf('/')
  const topic = key.slice(0, slash)
  const partitions = await shared.topics.find(topic)
  const partition = partitions?.[Number(key.slice(slash + 1))]
  if (partition !== undefined) {
    shared.hold(topic, writer)
    return partition
  }
  if (committed === 0) return undefined
  throw topicFault(`${writer.owner} has committed ${committed} records of ${key}, but there is no such partition`)
}

async function cutBack(shared: Shared, owner: string, partition: Partition, committed: number): Promise<number> {
  const { key, covered } = partition
  refuseTailOfAnother(partition, shared, owner)
  if (committed > partition.end) {
    throw offsetsFault(`${key} ends at ${partition.end}, but ${owner} has committed its records up to ${committed}`)
  }
  if (committed < covered && committed > 0 && shared.ledger.covered(key)?.owner === owner) {
    shared.log.warn(
      `${key} holds more than the checkpoint of ${owner} knows of: the records from there on come again`,
      {
        checkpoint: committed,
        covered,
      },
    )
  }
  const end = Math.max(committed, covered)
  await partition.truncate(end)
  return end
}
