import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test.each([
  ['delimitr', 'delimiter'],
  ['exlcude', 'exclude'],
  ['max-size', 'max_size'],
  ['maxSize', 'max_size'],
  ['sinsk', 'sinks'],
  ['fiel', 'file'],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, ['delimiter', 'exclude', 'max_size', 'sinks', 'file', 'path'])).toBe(meant)
})

test('a word that is far from all of them is none of them', () => {
  expect(nearest('kafka', ['file', 'memory'])).toBeUndefined()
  expect(nearest('a', [])).toBeUndefined()
})
