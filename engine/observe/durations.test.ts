import { expect, test } from 'vitest'
import { describeDuration, describeShare } from './durations.ts'

test('a duration is as exact as it matters', () => {
  const shown = [0, 449, 9_999, 10_000, 59_999, 60_000, 3_599_999, 3_600_000, 93_784_000].map(describeDuration)
  expect(shown).toEqual(['0.0 s', '0.4 s', '9.9 s', '10 s', '59 s', '1:00', '59:59', '1:00:00', '1 d 2:03:04'])
})

test('a share is 100 % only when it is all', () => {
  expect([0, 0.005, 0.999999, 1, 1.2, -1].map(describeShare)).toEqual(['0 %', '0 %', '99 %', '100 %', '100 %', '0 %'])
})
