import { describe, expect, it } from 'vitest'
import type { Component } from '../config/definition.ts'
import { definitionOf } from './definition.fixture.ts'
import { planTopology } from './segments.ts'
import { describeSharing } from './sharing.ts'

/** `topic t` is a source of partitions, `plain p < t` a processor that keeps nothing; the others as in the fixture. */
function shared(...lines: string[]): (string | undefined)[] {
  const drafted = definitionOf(lines.map((line) => line.replace(/^topic /, 'source ').replace(/^plain /, 'processor ')))
  const components = drafted.components.map((component, index): Component => {
    if (lines[index]?.startsWith('topic ')) {
      return { ...component, check: { partitions: { places: ['events'], by: undefined } } } as Component
    }
    if (!lines[index]?.startsWith('plain ')) return component
    return { ...component, plugin: { ...component.plugin, keeps: 'nothing' } } as Component
  })
  const { segments } = planTopology({ ...drafted, components })
  return segments.map(({ sharing }) => sharing && describeSharing(sharing))
}

describe('sharingOf', () => {
  it('says nothing of what reads no partitions', () => {
    expect(shared('source a', 'processor p < a', 'sink s < p')).toEqual([undefined])
  })

  it('lets processes share the partitions where nothing behind them keeps state', () => {
    expect(shared('topic t', 'plain p < t', 'sink s < p')).toEqual([
      't: processes of the same group share the partitions',
    ])
    expect(shared('topic t', 'sink s < t')).toEqual(['t: processes of the same group share the partitions'])
  })

  it('has one process read where something keeps state, and names it', () => {
    expect(shared('topic t', 'processor w < t', 'sink s < w')).toEqual([
      't: one process of the group reads, others stand by (w keeps state)',
    ])
  })

  it('says where a topic would spread what stands in front of the state', () => {
    const lines = ['topic t', 'plain a < t', 'plain b < a', 'processor w < b', 'plain c < w', 'sink s < c']
    expect(shared(...lines)).toEqual([
      't: one process of the group reads, others stand by (w keeps state; a topic behind a, b would spread the work until there)',
    ])
  })

  it('has all sources that one state needs read by the same process', () => {
    expect(shared('topic t', 'topic u', 'processor j < t u', 'processor w < j', 'sink s < w')).toEqual([
      't, u: one process of the group reads, others stand by (j, w keep state)',
    ])
  })

  it('counts state behind a file channel, which stays with the process that writes it', () => {
    const lines = ['topic t', 'plain a < t', 'file f < a', 'processor w < f', 'sink s < w']
    expect(shared(...lines)).toEqual(['t: one process of the group reads, others stand by (w keeps state)', undefined])
  })

  it('keeps flows of one file apart: state in one leaves the other one shared', () => {
    const lines = ['topic t', 'plain a < t', 'sink s < a', 'topic u', 'processor w < u', 'sink r < w']
    expect(shared(...lines)).toEqual([
      't: processes of the same group share the partitions',
      'u: one process of the group reads, others stand by (w keeps state)',
    ])
  })
})
