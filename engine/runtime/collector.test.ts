import { describe, expect, it } from 'vitest'
import { RecordError } from '../errors.ts'
import { withValue } from '../record.ts'
import { Collector } from './collector.ts'
import { batchOf, valuesOf } from './records.fixture.ts'

const reason = new RecordError('SR_REJECTED', 'no')

describe('Collector', () => {
  it('hands on the very batch that went in when all of it came out unchanged', () => {
    const batch = batchOf(1, 2)
    const collector = new Collector(batch)
    for (const record of batch.records) collector.emit(record)
    expect([...collector.outputs()]).toEqual([{ port: undefined, batch }])
    expect([...collector.outputs()][0]?.batch).toBe(batch)
  })

  it('keeps the order of each port', () => {
    const batch = batchOf(1, 2, 3)
    const collector = new Collector(batch)
    for (const record of batch.records) collector.emit(record, record.value === 2 ? 'even' : undefined)
    const outputs = [...collector.outputs()].map(({ port, batch: out }) => [port, valuesOf(out)])
    expect(outputs).toEqual([
      [undefined, [1, 3]],
      ['even', [2]],
    ])
  })

  it('withdraws from every port what was emitted from a record that then fails, and nothing else', () => {
    const batch = batchOf(1, 2)
    const [first, second] = batch.records
    if (first === undefined || second === undefined) throw new Error('two records')
    const collector = new Collector(batch)
    collector.emit(first)
    collector.emit(withValue(second, 'half'))
    collector.emit(withValue(withValue(second, 'x'), 'other half'), 'side')
    collector.fail(second, reason)
    expect([...collector.outputs()].map(({ port, batch: out }) => [port, valuesOf(out)])).toEqual([[undefined, [1]]])
    expect(collector.failed).toEqual([{ record: second, error: reason }])
  })

  it('is full after 1,024 records, whatever the ports', () => {
    const batch = batchOf(1)
    const [record] = batch.records
    if (record === undefined) throw new Error('one record')
    const collector = new Collector(batch)
    let emitted = 0
    for (; !collector.full; emitted++) collector.emit(record, emitted % 2 === 0 ? undefined : 'side')
    expect(emitted).toBe(1024)
  })
})
