import { expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import { manualClock, sourceContext } from '../../../test/contract/index.ts'
import { turns } from '../../../test/contract/specimens.ts'
import faker from './index.ts'
import type { Position } from './source.ts'

async function sharesOf(options: { readonly count?: number }, position?: Position): Promise<(number | undefined)[]> {
  const positions = new Map(position === undefined ? [] : [['generated', position]])
  const fields = { id: { sequence: {} } }
  const source = await faker.open(
    readOptions(faker.options, { seed: 1, fields, ...options }),
    sourceContext({ positions }),
  )
  const shares: (number | undefined)[] = []
  for await (const _ of source.batches()) {
    shares.push(source.progress?.())
    if (shares.length === 4) break
  }
  return shares
}

test('tells the share of `count` that is made, what an earlier run has made included', async () => {
  expect(await sharesOf({ count: 512 })).toEqual([0.5, 1])
  expect(await sharesOf({ count: 512 }, { seed: 1, n: 256 })).toEqual([1])
})

test('tells nothing when it goes on for ever', async () => {
  expect((await sharesOf({}))[0]).toBeUndefined()
})

test('with `duration` it ends when that has passed, also while it waits for the next record to fall due', async () => {
  const clock = manualClock()
  const options = { seed: 1, fields: { id: { sequence: {} } }, rate: 0.01, duration: '10s' }
  const source = await faker.open(readOptions(faker.options, options), sourceContext<Position>({ clock }))
  const batches = source.batches()[Symbol.asyncIterator]()
  expect((await batches.next()).value.position).toEqual({ seed: 1, n: 1 })
  const next = batches.next()
  await turns(1)
  clock.advance(5000)
  expect(source.progress?.()).toBe(0.5)
  clock.advance(5000)
  expect((await next).done).toBe(true)
  expect(clock.waiting).toBe(0)
})
