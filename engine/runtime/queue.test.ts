import { describe, expect, it } from 'vitest'
import { BatchQueue, type QueueLimits } from './queue.ts'
import { itemHolding, itemOf, valuesOf } from './records.fixture.ts'

const LIMITS: QueueLimits = { maxBytes: 1000, maxRecords: 3, whenFull: 'block' }

function queueWith(limits: Partial<QueueLimits> = {}) {
  const woken: string[] = []
  const wake = { reader: () => woken.push('reader'), writer: () => woken.push('writer') }
  return { queue: new BatchQueue({ ...LIMITS, ...limits }, wake), woken }
}

describe('BatchQueue', () => {
  it('gives items and barriers back in the order in which they came', () => {
    const { queue } = queueWith()
    queue.put(itemOf('a'))
    queue.putBarrier()
    queue.put(itemOf('b'))
    queue.end()
    expect(queue.head).toBe('item')
    expect(valuesOf(queue.take().batch)).toEqual(['a'])
    expect(queue.head).toBe('barrier')
    queue.takeBarrier()
    expect(valuesOf(queue.take().batch)).toEqual(['b'])
    expect(queue.head).toBe('ended')
  })

  it('counts the records that wait in it, and those that have left', () => {
    const { queue } = queueWith()
    queue.put(itemOf('a', 'b'))
    queue.putBarrier()
    queue.put(itemOf('c'))
    queue.take()
    expect([queue.records, queue.passed]).toEqual([1, 2])
  })

  it('blocks its writer at its limit of records, and frees it when the reader has taken them', () => {
    const { queue, woken } = queueWith()
    queue.put(itemOf(1, 2, 3))
    expect(queue.blocked).toBe(true)
    queue.take()
    expect(queue.blocked).toBe(false)
    expect(woken).toEqual(['reader', 'writer'])
  })

  it('blocks its writer at its limit of bytes', () => {
    const { queue } = queueWith({ maxBytes: 10 })
    queue.put(itemOf('a text of more than ten bytes'))
    expect(queue.blocked).toBe(true)
  })

  it('counts what few records hold of the bytes that they came in, once for all items from the same bytes (I-6)', () => {
    const { queue } = queueWith({ maxBytes: 1_500_000, maxRecords: 1e9 })
    const first = new ArrayBuffer(1_000_000)
    for (let n = 0; n < 100; n++) queue.put(itemHolding(first, n))
    expect(queue.blocked).toBe(false)
    const second = new ArrayBuffer(1_000_000)
    queue.put(itemHolding(second, 100))
    expect(queue.blocked).toBe(true)
    for (let n = 0; n < 100; n++) queue.take()
    expect(queue.blocked).toBe(false)
    queue.put(itemHolding(second, 101))
    expect(queue.blocked).toBe(false)
  })

  it('counts records that outgrow the bytes that they came in', () => {
    const { queue } = queueWith({ maxBytes: 2_000_000, maxRecords: 1e9 })
    const bytes = new ArrayBuffer(1_000_000)
    queue.put(itemHolding(bytes, 'x'.repeat(900_000)))
    queue.put(itemHolding(bytes, 'x'.repeat(900_000)))
    expect(queue.blocked).toBe(false)
    queue.put(itemHolding(bytes, 'x'.repeat(900_000)))
    expect(queue.blocked).toBe(true)
  })

  it('lets the newest records go under drop-newest, counts them, and keeps their position', () => {
    const { queue } = queueWith({ whenFull: 'drop-newest' })
    expect(queue.put(itemOf(1, 2, 3))).toBe(0)
    expect(queue.blocked).toBe(false)
    expect(queue.put(itemOf(4, 5))).toBe(2)
    queue.take()
    const emptied = queue.take()
    expect(emptied.batch.size).toBe(0)
    expect(emptied.position?.value).toBe(5)
  })

  it('keeps its order over thousands of items', () => {
    const { queue } = queueWith({ maxRecords: 1e9, maxBytes: 1e9 })
    const taken: unknown[] = []
    for (let round = 0; round < 50; round++) {
      for (let n = 0; n < 100; n++) queue.put(itemOf(round * 100 + n))
      for (let n = 0; n < 97; n++) taken.push(queue.take().position?.value)
    }
    while (queue.head === 'item') taken.push(queue.take().position?.value)
    expect(taken).toEqual(Array.from({ length: 5000 }, (_, n) => n))
    expect(queue.records).toBe(0)
  })
})
