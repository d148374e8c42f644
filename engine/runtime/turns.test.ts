import { expect, it } from 'vitest'
import type { Turn } from '../plugin.ts'
import { Turns } from './turns.ts'

it('a turn comes when all before it have passed', async () => {
  const { turns, came } = take(3)
  await settle()
  expect(came).toEqual([0])
  turns[0]?.pass()
  turns[0]?.pass()
  await settle()
  expect(came).toEqual([0, 1])
  turns[2]?.pass()
  turns[1]?.pass()
  await settle()
  expect(came).toEqual([0, 1, 2])
})

it('whoever steps aside comes when all others have passed', async () => {
  const { turns, came } = take(3, (turn, index) => index === 0 && turn.stepAside())
  await settle()
  expect(came).toEqual([1])
  turns[1]?.pass()
  await settle()
  expect(came).toEqual([1, 2])
  turns[2]?.pass()
  await settle()
  expect(came).toEqual([1, 2, 0])
})

function take(count: number, before: (turn: Turn, index: number) => void = () => {}) {
  const all = new Turns()
  const came: number[] = []
  const turns: Turn[] = Array.from({ length: count }, () => all.next())
  for (const [index, turn] of turns.entries()) {
    before(turn, index)
    void turn.mine().then(() => came.push(index))
  }
  return { turns, came }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await undefined
}
