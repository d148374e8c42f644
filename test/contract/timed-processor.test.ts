import { describe, expect, it } from 'vitest'
import { defineProcessor } from '../../engine/plugin.ts'
import { openTimed } from './timed-processor.ts'

/** Counts the records of each key, and emits the counts when the watermark is 10 s behind the first of them. */
const counter = defineProcessor({
  type: 'counter',
  summary: 'Counts.',
  options: {},
  open: (_, context) => {
    const counts = context.state<{ records: number; due: number }>('counts')
    const next = () => Math.min(...[...counts.entries()].map(([, { due }]) => due))
    return {
      process(batch, out) {
        for (const record of batch.records) {
          if (out.watermark(record) > record.timestamp) out.emit(record, 'late')
          const key = String(record.key)
          const count = counts.get(key) ?? { records: 0, due: record.timestamp + 10_000 }
          counts.set(key, { ...count, records: count.records + 1 })
        }
      },
      wakeAt: () => ({ event: next() }),
      wake(time, out) {
        if (time.kind !== 'event') return
        for (const [key, { records, due }] of counts.entries()) {
          if (due > time.watermark) continue
          counts.delete(key)
          const origin = { component: context.id, partition: key, position: null }
          const record = { value: { key, records }, raw: undefined, format: undefined, key, headers: [], origin }
          out.emit({ ...record, timestamp: due })
        }
      },
    }
  },
})

describe('a processor that is driven by hand', () => {
  it('sees the watermark follow the newest record at its distance, and wakes when it asked to', async () => {
    const timed = await openTimed(counter, { options: {}, outOfOrderness: 1000 })
    await timed.feed(
      { at: 0, value: 1, key: 'a' },
      { at: 10_999, value: 1, key: 'b' },
      { at: 9_999, value: 1, key: 'b' },
    )
    expect(timed.values).toEqual([])
    expect(timed.ports('late').map(({ timestamp }) => timestamp)).toEqual([])
    await timed.feed({ at: 11_000, value: 1, key: 'b' }, { at: 9_999, value: 1, key: 'b' })
    expect(timed.ports('late').map(({ timestamp }) => timestamp)).toEqual([9_999])
    expect(timed.values).toEqual([{ key: 'a', records: 1 }])
    await timed.end()
    expect(timed.values).toEqual([
      { key: 'a', records: 1 },
      { key: 'b', records: 4 },
    ])
  })

  it('comes back from a restart with the state of the cut', async () => {
    const timed = await openTimed(counter, { options: {} })
    await timed.feed({ at: 0, value: 1, key: 'a' })
    await timed.restart()
    await timed.feed({ at: 5, value: 1, key: 'a' })
    await timed.end()
    expect(timed.values).toEqual([{ key: 'a', records: 2 }])
    expect(timed.stateKeys).toBe(0)
  })
})
