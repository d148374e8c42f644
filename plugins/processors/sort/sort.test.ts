import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTimed } from '../../../test/contract/index.ts'
import sort from './index.ts'

const at = (...times: number[]) => times.map((time, n) => ({ at: time, value: { n, time } }))
const timesOf = (records: readonly { timestamp: number }[]) => records.map(({ timestamp }) => timestamp)

describe('sort', () => {
  it('hands records on in the order of their time, as soon as no earlier one is expected', async () => {
    const timed = await openTimed(sort, { options: {}, outOfOrderness: 10 })
    await timed.feed(...at(5, 3, 9))
    expect(timed.emitted).toEqual([])
    await timed.feed(...at(16))
    expect(timesOf(timed.emitted)).toEqual([3, 5])
    await timed.end()
    expect(timesOf(timed.emitted)).toEqual([3, 5, 9, 16])
  })

  it('gives the sorted list for any permutation within the bound, cut anywhere, restarted anywhere', async () => {
    const disorder = fc.array(fc.tuple(fc.nat(50), fc.nat(20)), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(disorder, fc.array(fc.nat(5), { maxLength: 40 }), async (steps, cuts) => {
        // Times that go up, each then moved back by less than the bound.
        let time = 0
        const times = steps.map(([forward, back]) => {
          time += forward
          return time - back
        })
        const timed = await openTimed(sort, { options: {}, outOfOrderness: 20, room: 3 })
        const values = at(...times)
        for (let from = 0, cut = 0; from < values.length; cut++) {
          const size = 1 + (cuts[cut] ?? 0)
          await timed.feed(...values.slice(from, from + size))
          from += size
          if (cut % 3 === 0) await timed.restart()
        }
        await timed.end()
        const expected = values.toSorted((a, b) => a.at - b.at || a.value.n - b.value.n)
        expect(timed.values).toEqual(expected.map(({ value }) => value))
        expect(timed.ports('late')).toEqual([])
        expect(timed.stateKeys).toBe(0)
      }),
      { numRuns: 60 },
    )
  })

  it('loses no record, and hands none on twice, where a crash comes while many leave', async () => {
    const timed = await openTimed(sort, { options: {}, outOfOrderness: 100, room: 2, crashes: true })
    await timed.feed(...at(9, 3, 7, 1, 5, 8, 2))
    await timed.watermark(6)
    await timed.end()
    expect(timesOf(timed.emitted)).toEqual([1, 2, 3, 5, 7, 8, 9])
    expect(timed.stateKeys).toBe(0)
  })

  it('sends to the port late what is older than the watermark', async () => {
    const timed = await openTimed(sort, { options: {}, outOfOrderness: 5 })
    await timed.feed(...at(10, 20, 14, 15))
    await timed.end()
    expect(timesOf(timed.emitted)).toEqual([10, 15, 20])
    expect(timesOf(timed.ports('late'))).toEqual([14])
  })

  it('holds no more than it may: the earliest goes on before its time, and what is older than that is late', async () => {
    const timed = await openTimed(sort, { options: { max_records: 2 }, outOfOrderness: 100 })
    await timed.feed(...at(30, 10, 20, 5, 40))
    await timed.end()
    expect(timesOf(timed.emitted)).toEqual([10, 20, 30, 40])
    expect(timesOf(timed.ports('late'))).toEqual([5])
  })
})
