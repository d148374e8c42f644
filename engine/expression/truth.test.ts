import fc from 'fast-check'
import jsonata from 'jsonata'
import { expect, it } from 'vitest'
import type { Json } from '../record.ts'
import { isTrue } from './truth.ts'

const table: [Json | undefined, boolean][] = [
  [undefined, false],
  [null, false],
  [true, true],
  [false, false],
  [0, false],
  [-0, false],
  [-1, true],
  ['', false],
  [' ', true],
  ['false', true],
  [{}, false],
  [{ a: null }, true],
  [[], false],
  [[0], false],
  [[0, 1], true],
  [[0, [0, [1]]], true],
  [[{}, ''], false],
]

it.each(table)('%j is %s', (value, expected) => {
  expect(isTrue(value)).toBe(expected)
})

it('agrees with $boolean on every value', async () => {
  const boolean = jsonata('$boolean(v)')
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (v) => {
      expect(isTrue(v as Json)).toBe(await boolean.evaluate({ v }))
    }),
  )
})
