import type { AnsweringBroker, Cluster, FetchAnswer, FetchedMessage, FetchedPartition } from './internals.ts'

/**
 * What a reader of committed records is to see of an answer. kafkajs asks for it and then shows some aborted records all
 * the same: it takes the list of aborted transactions for sorted, and begins only one of them at each record, so that
 * those that were under way where the fetch begins slip through. And it takes the high watermark for the end, behind
 * which stand the records of open transactions.
 */
export function readCommitted(cluster: Cluster): void {
  const findBroker = cluster.findBroker.bind(cluster)
  const patched = new WeakSet<AnsweringBroker>()
  cluster.findBroker = async (place) => {
    const broker = await findBroker(place)
    if (!patched.has(broker)) patch(broker)
    patched.add(broker)
    return broker
  }
}

function patch(broker: AnsweringBroker): void {
  const fetch = broker.fetch.bind(broker)
  broker.fetch = async (request) => committedOnly(await fetch(request))
}

/** The same answer: what was aborted is marked as what is no record, which kafkajs leaves out. */
export function committedOnly(answer: FetchAnswer): FetchAnswer {
  for (const { partitions } of answer.responses) for (const partition of partitions) hideAborted(partition)
  return answer
}

function hideAborted(partition: FetchedPartition): void {
  const { abortedTransactions, messages, lastStableOffset } = partition
  if (lastStableOffset !== undefined && Number(lastStableOffset) >= 0) partition.highWatermark = lastStableOffset
  partition.abortedTransactions = []
  const waiting = (abortedTransactions ?? []).toSorted((a, b) => Number(a.firstOffset) - Number(b.firstOffset))
  if (waiting.length === 0) return
  const aborted = new Set<string>()
  let next = 0
  for (const message of messages) {
    for (; next < waiting.length && Number(waiting[next]?.firstOffset) <= Number(message.offset); next++) {
      aborted.add(waiting[next]?.producerId as string)
    }
    const { producerId, inTransaction } = message.batchContext
    if (message.isControlRecord) {
      if (isAbort(message)) aborted.delete(producerId)
    } else if (inTransaction && aborted.has(producerId)) message.isControlRecord = true
  }
}

/** The key of a marker is its version and its kind, of 16 bits each; kind 0 aborts, 1 commits. */
function isAbort({ key }: FetchedMessage): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0
}
