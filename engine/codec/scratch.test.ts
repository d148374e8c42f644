import { expect, test } from 'vitest'
import { Scratch } from './scratch.ts'

test('what was taken stays untouched until it is given back, however much is taken', () => {
  const scratch = new Scratch()
  const sizes = [10, 0, 3000, 70_000, 9 * 1024 * 1024, 5, 200_000]
  const taken = sizes.map((size, index) => scratch.take(size).fill(index + 1))
  expect(taken.map(({ length }) => length)).toEqual(sizes)
  for (const [index, bytes] of taken.entries()) expect(bytes.every((byte) => byte === index + 1)).toBe(true)
})

test('memory that was given back is taken again', () => {
  const scratch = new Scratch()
  const first = scratch.take(1000)
  const second = scratch.take(500)
  scratch.giveBack()
  expect(scratch.take(1500).buffer).toBe(second.buffer)
  scratch.giveBack()
  expect(scratch.take(1000).buffer).not.toBe(first.buffer)
})
