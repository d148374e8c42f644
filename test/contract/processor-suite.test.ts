import { describe, expect, it } from 'vitest'
import { defineProcessor, type Processor, RecordError, type StreamRecord, withValue } from '../../engine/plugin.ts'
import { brokenPromises, type ProcessorFixture, processorClauses } from './index.ts'

const REFUSED = new RecordError('SR_REJECTED', 'for no reason')

const changed = (record: StreamRecord) => {
  if (typeof record.value === 'object' && record.value !== null) Object.assign(record.value, { changed: true })
  return record
}

const FLAWS: readonly [string, Processor['process'], string][] = [
  [
    'loses records',
    ({ records }, out) => {
      for (const record of records.slice(1)) out.emit(record)
    },
    'emits, fails or counts as dropped',
  ],
  [
    'turns them round',
    ({ records }, out) => {
      for (const record of records.toReversed()) out.emit(record)
    },
    'keeps the order',
  ],
  [
    'looks at the size of the batch',
    ({ records }, out) => {
      for (const record of records) out.emit(withValue(record, records.length))
    },
    'gives the same whatever the batches are',
  ],
  [
    'changes its input',
    ({ records }, out) => {
      for (const record of records) out.emit(changed(record))
    },
    'changes no value',
  ],
  [
    'emits when it is done',
    ({ records }, out) => {
      queueMicrotask(() => queueMicrotask(() => records.map((record) => out.emit(record))))
    },
    'is done with a batch when it returns',
  ],
  [
    'makes up ports',
    ({ records }, out) => {
      for (const record of records) out.emit(record, 'odd')
    },
    'emits only to ports',
  ],
  [
    'throws for some values',
    ({ records }, out) => {
      for (const record of records) out.emit(withValue(record, Object.keys(record.value as object).length))
    },
    'never throws',
  ],
  [
    'makes many of one record without asking for room',
    ({ records }, out) => {
      for (const record of records) for (let n = 0; n < 9; n++) out.emit(withValue(record, n))
    },
    'emits nothing to a full output',
  ],
  [
    'goes on with the wrong record',
    ({ records }, out) => {
      out.emit(records[0] as StreamRecord)
      for (const record of records.slice(1)) if (!out.full) out.emit(record)
    },
    'when its output is full',
  ],
  [
    'fails a record twice',
    ({ records }, out) => {
      for (const record of [...records, ...records]) out.fail(record, REFUSED)
    },
    'with a RecordError, once',
  ],
]

describe('the suite of processors', () => {
  it.each(FLAWS)('catches one that %s', async (_, process, title) => {
    const broken = await brokenPromises(processorClauses(fixtureOf(process)))
    expect(broken.filter((one) => one.includes(title))).toHaveLength(1)
  })

  it('is content with one that does nothing wrong', async () => {
    const emitAll: Processor['process'] = ({ records }, out) => {
      for (const record of records) out.emit(record)
    }
    expect(await brokenPromises(processorClauses(fixtureOf(emitAll)))).toEqual([])
  })
})

function fixtureOf(process: Processor['process']): ProcessorFixture {
  const summary = 'Does what a test says.'
  const plugin = defineProcessor({ type: 'flawed', summary, options: {}, open: () => ({ process }) })
  return { plugin, options: {}, values: [{ a: 1 }, { b: 2 }, { c: 3 }] }
}
