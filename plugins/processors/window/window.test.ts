import { describe, expect, it } from 'vitest'
import { openTimed } from '../../../test/contract/index.ts'
import window from './index.ts'

describe('a tumbling window', () => {
  it('counts each record in the one window that its time lies in, and gives a result once, when the watermark is past its end', async () => {
    const timed = await openTimed(window, {
      options: {
        every: '10s',
        by: 'bucket',
        aggregate: {
          orders: '$count($)',
          revenue: '$sum(price)',
          mean: '$sum(price) / $count($)',
          average: '$average(price)',
          low: '$min(price)',
          spread: '$max(price) - $min(price)',
          users: '$count($distinct(user))',
          first: '$[0].user',
          last: 'user[-1]',
          all: '$join(user, ",")',
        },
      },
    })
    await timed.feed(
      { at: 0, value: { bucket: 'a', price: 0.1, user: 'x' } },
      { at: 9_999, value: { bucket: 'a', price: 0.2, user: 'y' } },
      { at: 3, value: { bucket: 'b', price: null } },
      { at: 10_000, value: { bucket: 'a', price: 5, user: 'x' } },
    )
    await timed.restart()
    await timed.feed({ at: 12_000, value: { bucket: 'a', price: 'x', user: 'z' } })
    await timed.feed({ at: 2, value: { bucket: 'a', price: 1 } })
    await timed.end()
    expect(timed.stateKeys).toBe(0)
  })
})
