import { expect, test } from 'vitest'
import type { FetchedMessage, FetchedPartition } from './internals.ts'
import { committedOnly } from './read-committed.ts'

test('hides what was aborted, in whatever order the transactions are named, also where the fetch begins within', () => {
  const messages = [
    message(50, 'a'),
    message(51, 'b'),
    message(52, 'kept'),
    marker(53, 'b', 0),
    message(54, 'b'),
    message(55, 'a'),
    marker(56, 'a', 0),
    marker(57, 'b', 1),
    message(58, 'a'),
    message(59, 'a', false),
  ]
  const abortedTransactions = [
    { producerId: 'b', firstOffset: '6' },
    { producerId: 'a', firstOffset: '5' },
    { producerId: 'a', firstOffset: '58' },
  ]
  const partition = { highWatermark: '70', lastStableOffset: '60', abortedTransactions, messages }
  committedOnly({ responses: [{ topicName: 't', partitions: [partition] }] })
  expect(shown(partition)).toEqual([52, 54, 59])
  expect(partition.highWatermark).toBe('60')
})

test('a record whose key looks like a marker ends no transaction', () => {
  const messages = [{ ...message(5, 'a'), key: Buffer.alloc(4) }, message(6, 'a'), marker(7, 'a', 0)]
  const partition = { highWatermark: '8', messages, abortedTransactions: [{ producerId: 'a', firstOffset: '5' }] }
  committedOnly({ responses: [{ topicName: 't', partitions: [partition] }] })
  expect(shown(partition)).toEqual([])
})

function shown({ messages }: FetchedPartition): number[] {
  return messages.filter(({ isControlRecord }) => !isControlRecord).map(({ offset }) => Number(offset))
}

function message(offset: number, producerId: string, inTransaction = producerId !== 'kept'): FetchedMessage {
  return { offset: String(offset), key: null, isControlRecord: false, batchContext: { producerId, inTransaction } }
}

/** Kind 0 aborts, 1 commits. */
function marker(offset: number, producerId: string, kind: number): FetchedMessage {
  return { ...message(offset, producerId), key: Buffer.from([0, 0, 0, kind]), isControlRecord: true }
}
