import { expect, test } from 'vitest'
import { keyParts } from './by.ts'

test('a key is named for the last name of its path, whatever its regular expressions run in', () => {
  const by = ['user.country', '$contains(text, /(a+)+$/)', 'items[kind ~> /(b|b)*c/].code']
  expect(keyParts(by).map(({ name }) => name)).toEqual(['country', 'key', 'code'])
})
