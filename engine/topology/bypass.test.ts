import { describe, expect, it } from 'vitest'
import { findBypasses } from './bypass.ts'
import { definitionOf } from './definition.fixture.ts'

const bypasses = (...lines: string[]) =>
  findBypasses(definitionOf(lines)).map(({ component, bypass, channel }) => `${bypass} > ${component} (${channel})`)

describe('findBypasses', () => {
  it('finds where a source meets again what waited in a durable channel', () => {
    expect(bypasses('source a', 'file f < a', 'sink s < a f')).toEqual(['a > s (f)'])
    expect(bypasses('source a', 'file f < a', 'processor p < f', 'memory m < p a', 'sink s < m')).toEqual(['a > m (f)'])
  })

  it('finds a way round through another component, and another source of the same writer', () => {
    expect(bypasses('source a', 'file f < a', 'processor p < a', 'sink s < f p')).toEqual(['p > s (f)'])
    expect(bypasses('source a', 'source b', 'file f < a b', 'sink s < f b')).toEqual(['b > s (f)'])
  })

  it('does not take another source that joins there for the way round', () => {
    expect(bypasses('source a', 'source b', 'file f < a', 'sink s < f b', 'sink t < f a')).toEqual(['a > t (f)'])
  })

  it('finds two segments that wait for each other', () => {
    const lines = ['source a', 'source b', 'file f < a', 'sink s < f b', 'file g < b', 'sink t < g a']
    expect(bypasses(...lines)).toEqual(['b > s (f)', 'a > t (g)'])
  })

  it('finds a way round two durable channels, once', () => {
    expect(bypasses('source a', 'file f < a', 'file g < f', 'sink s < a g')).toEqual(['a > s (f)'])
  })

  it('finds nothing where every way passes a durable channel, or the ways do not meet', () => {
    expect(bypasses('source a', 'file f < a', 'file g < a', 'sink s < f g')).toEqual([])
    expect(bypasses('source a', 'file f < a', 'sink s < f', 'sink t < a')).toEqual([])
    expect(bypasses('source a', 'source b', 'file f < a', 'sink s < f b')).toEqual([])
    expect(bypasses('source a', 'file f < a', 'processor p < f', 'processor q < f', 'sink s < p q')).toEqual([])
  })
})
