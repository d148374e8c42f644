import { expect, it } from 'vitest'
import { makeTurns } from './turns.ts'

it('a turn comes when all before it have passed, in whatever order they do', async () => {
  const next = makeTurns()
  const [first, second, third] = [next(), next(), next()]
  const came: number[] = []
  for (const [index, turn] of [first, second, third].entries()) void turn.mine.then(() => came.push(index))
  second.pass()
  await settle()
  expect(came).toEqual([0])
  first.pass()
  first.pass()
  await settle()
  expect(came).toEqual([0, 1, 2])
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await undefined
}
