import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openTimed, processorContext } from '../../../test/contract/index.ts'
import dedupe from './index.ts'

const HOUR = 3_600_000
const id = (at: number, key: unknown) => ({ at, value: { id: key as string } })

describe('dedupe', () => {
  it('lets the first of a key pass, and the next one when more than `within` lies between them', async () => {
    const timed = await openTimed(dedupe, { options: { by: 'id', within: '1h' } })
    await timed.feed(id(0, 'a'), id(1, 'b'), id(HOUR, 'a'), id(HOUR + 1, 'a'), id(HOUR + 2, 'a'), id(HOUR + 3, 'b'))
    expect(timed.emitted.map(({ timestamp }) => timestamp)).toEqual([0, 1, HOUR + 1, HOUR + 3])
  })

  it('tells a text from a number', async () => {
    const timed = await openTimed(dedupe, { options: { by: 'id' } })
    await timed.feed(id(0, 1), id(0, '1'), id(0, 1), id(0, '1'))
    expect(timed.values).toEqual([{ id: 1 }, { id: '1' }])
  })

  it('fails a record without a key, which is never taken for the same as another', async () => {
    const timed = await openTimed(dedupe, { options: { by: 'id' } })
    await timed.feed({ at: 0, value: {} }, { at: 0, value: { id: null } })
    expect(timed.failed.map(({ error }) => error.code)).toEqual(['SR_EXPRESSION_EMPTY', 'SR_EXPRESSION_EMPTY'])
  })

  it('passes what a list of everything seen would pass, cut anywhere and restarted anywhere, and forgets what is over', async () => {
    const steps = fc.array(fc.record({ step: fc.nat(900), key: fc.nat(4), restart: fc.boolean() }), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const timed = await openTimed(dedupe, { options: { by: 'id', within: '1s' } })
        const passed = new Map<number, number>()
        const expected: number[] = []
        let at = 0
        for (const { step, key, restart } of given) {
          at += step
          const before = passed.get(key)
          if (before === undefined || at - before > 1000) {
            passed.set(key, at)
            expected.push(at)
          }
          await timed.feed(id(at, key))
          if (restart) await timed.restart()
        }
        expect(timed.emitted.map(({ timestamp }) => timestamp)).toEqual(expected)
        await timed.watermark(at + 1002)
        expect(timed.stateKeys).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  it('forgets the key that came first when there are too many, and says so', async () => {
    const context = processorContext()
    const timed = await openTimed(dedupe, { options: { by: 'id', max_keys: 2 }, context })
    await timed.feed(id(0, 'a'), id(1, 'b'), id(2, 'c'), id(3, 'b'), id(4, 'a'))
    expect(timed.values).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'a' }])
    expect(context.recorded.counts.get('forgotten')).toBe(2)
    expect(context.recorded.counts.get('dropped')).toBe(1)
  })
})
