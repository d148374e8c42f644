import { expect, test } from 'vitest'
import type { Component } from '../config/definition.ts'
import { definitionOf } from './definition.fixture.ts'
import { partitionKeys } from './keys.ts'

/** `by` and places of each component, by its name. */
function keysOf(partitions: { readonly [name: string]: readonly [by: string | undefined, ...places: string[]] }) {
  const { components } = definitionOf(['source in', 'sink one < in', 'sink two < in'])
  const checked = components.map((component) => {
    const [by, ...places] = partitions[component.name] ?? []
    const check = component.name in partitions ? { partitions: { by, places } } : {}
    return { ...component, check } as Component
  })
  return partitionKeys({ components: checked }).get('in')
}

test('a source says by which key its topics are partitioned, or a sink of the file that writes them does', () => {
  expect(keysOf({ in: ['user', 'a'] })).toEqual({ by: 'user', from: 'in' })
  expect(keysOf({ in: [undefined, 'a'], one: ['user', 'a'] })).toEqual({ by: 'user', from: 'one' })
  expect(keysOf({ in: [undefined, 'a', 'b'], one: ['user', 'a'], two: ['user', 'b'] })).toMatchObject({ by: 'user' })
})

test('nothing is known of a topic that nobody here writes, that has no key, or that two sinks key otherwise', () => {
  expect(keysOf({ in: [undefined, 'a'], one: ['user', 'b'] })).toBeUndefined()
  expect(keysOf({ in: [undefined, 'a'], one: [undefined, 'a'] })).toBeUndefined()
  expect(keysOf({ in: [undefined, 'a', 'b'], one: ['user', 'a'] })).toBeUndefined()
  expect(keysOf({ in: [undefined, 'a'], one: ['user', 'a'], two: ['product', 'a'] })).toBeUndefined()
  expect(keysOf({})).toBeUndefined()
})
