import { expect, test } from 'vitest'
import { type ManualClock, manualClock } from '../../../test/contract/index.ts'
import { turns } from '../../../test/contract/specimens.ts'
import { open } from './faker.fixture.ts'
import { Pace } from './pace.ts'

const MANY = 1_000_000

/** Somebody who takes all that is due, as soon as it is, for as long as nobody holds them up. */
function taker(rate: number, most = MANY) {
  const clock = manualClock()
  const pace = new Pace(rate, clock)
  const leaving = new AbortController()
  const taken: number[] = []
  const take = async () => {
    while (!leaving.signal.aborted) taken.push(await pace.due(most, leaving.signal))
  }
  return { clock, taken, leave: () => leaving.abort(), taking: take() }
}

/** In small steps, with time for whoever waits to go on after each. */
async function pass(clock: ManualClock, ms: number, step = 5): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    await turns(1)
    clock.advance(step)
  }
  await turns(1)
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

test.each([0.5, 5, 99, 1000, 123_456])(
  'at %s a second, so many come in a second, and one at the start',
  async (rate) => {
    const { clock, taken, leave } = taker(rate)
    await pass(clock, 4000)
    leave()
    expect(sum(taken)).toBeGreaterThanOrEqual(4 * rate - rate / 100)
    expect(sum(taken)).toBeLessThanOrEqual(4 * rate + 1)
  },
)

test('at low rates each comes when it is due', async () => {
  const { clock, taken, leave } = taker(5)
  await pass(clock, 195)
  expect(taken).toEqual([1])
  await pass(clock, 5)
  expect(taken).toEqual([1, 1])
  leave()
})

test('at high rates they come several at a time, so that there are no more than 100 timers a second', async () => {
  const { clock, taken, leave } = taker(10_000)
  await pass(clock, 1000)
  leave()
  expect(taken.length).toBeLessThanOrEqual(101)
})

test('no more than asked for come at once, and the rest at once after them', async () => {
  const { clock, taken, leave } = taker(10_000, 30)
  await pass(clock, 1000)
  leave()
  expect(Math.max(...taken)).toBe(30)
  expect(sum(taken)).toBeGreaterThanOrEqual(9900)
})

test.each([5, 1000])('at %s a second, what a pause kept back is not caught up', async (rate) => {
  const clock = manualClock()
  const pace = new Pace(rate, clock)
  const { signal } = new AbortController()
  expect(await pace.due(MANY, signal)).toBe(1)
  clock.advance(3_600_000)
  expect(await pace.due(MANY, signal)).toBe(1)
  expect(pace.isBehind).toBe(false)
})

test('a timer that is late costs nothing of the rate', async () => {
  const { clock, taken, leave } = taker(100)
  await pass(clock, 4000, 40)
  leave()
  expect(sum(taken)).toBeGreaterThanOrEqual(395)
})

test('the wait ends when it is told to stop', async () => {
  const { taking, leave } = taker(0.001)
  await turns(1)
  leave()
  await taking
})

test('a source with a rate hands over what is due, says that nothing more is there, and stops while it waits', async () => {
  const clock = manualClock()
  const { batches, context } = await open({ seed: 1, rate: 1, fields: { id: { sequence: {} } } }, { clock })
  const { value } = await batches.next()
  expect(value?.records?.records.map((record) => record.value)).toEqual([{ id: 1 }])
  expect(value?.caughtUp).toBe(true)
  const next = batches.next()
  await turns(1)
  context.stop()
  expect(await next).toMatchObject({ done: true })
})
