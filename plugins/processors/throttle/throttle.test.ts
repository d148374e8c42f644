import { describe, expect, it } from 'vitest'
import { openTimed, processorContext } from '../../../test/contract/index.ts'
import throttle from './index.ts'

const user = (at: number, name: string) => ({ at, value: { user: name } })

describe('throttle', () => {
  it('lets so many of each key pass, from its first record on, and begins anew when the time is over', async () => {
    const timed = await openTimed(throttle, { options: { records: 2, every: '1s', by: 'user' } })
    await timed.feed(...[0, 10, 20, 999, 1000, 1001, 1002].map((at) => user(at, 'a')), user(1002, 'b'))
    const passed = timed.emitted.map(({ timestamp, value }) => [timestamp, (value as { user: string }).user])
    expect(passed).toEqual([
      [0, 'a'],
      [10, 'a'],
      [1000, 'a'],
      [1001, 'a'],
      [1002, 'b'],
    ])
  })

  it('counts all records together without `by`, and what it drops', async () => {
    const context = processorContext()
    const timed = await openTimed(throttle, { options: { records: 1, every: '1m' }, context })
    await timed.feed(user(0, 'a'), user(1, 'b'), user(60_000, 'c'))
    expect(timed.values).toEqual([{ user: 'a' }, { user: 'c' }])
    expect(context.recorded.counts.get('dropped')).toBe(1)
  })

  it('goes on counting after a restart, and forgets keys whose time is over', async () => {
    const timed = await openTimed(throttle, { options: { records: 1, every: '1s', by: 'user' } })
    await timed.feed(user(0, 'a'), user(0, 'b'))
    await timed.restart()
    await timed.feed(user(500, 'a'))
    expect(timed.values).toHaveLength(2)
    await timed.watermark(1000)
    expect(timed.stateKeys).toBe(0)
  })

  it('forgets the key that came first when there are too many, and says so', async () => {
    const context = processorContext()
    const timed = await openTimed(throttle, { options: { records: 1, every: '1h', by: 'user', max_keys: 1 }, context })
    await timed.feed(user(0, 'a'), user(1, 'b'), user(2, 'a'))
    expect(timed.values).toHaveLength(3)
    expect(context.recorded.counts.get('forgotten')).toBe(2)
  })
})
