import { describe, expect, it } from 'vitest'
import type { Component, Definition } from '../config/definition.ts'
import { definitionOf } from './definition.fixture.ts'
import { describeGuarantee, guarantees, unmetDemands } from './guarantee.ts'

const describeAll = (definition: Definition) => guarantees(definition).map(describeGuarantee)

/** The definition with some properties of one component replaced. */
function adjust(definition: Definition, name: string, more: Partial<Component>): Definition {
  const components = definition.components.map((one) => (one.name === name ? ({ ...one, ...more } as Component) : one))
  return { ...definition, components }
}

describe('guarantees', () => {
  it('gives exactly-once where source, channel and sink can all come back to a checkpoint', () => {
    const definition = definitionOf(['source a', 'file f < a', 'processor p < f', 'sink s < p'])
    expect(describeAll(definition)).toEqual(['a > f > p > s: exactly-once'])
  })

  it('says which part weakens a path', () => {
    const definition = definitionOf(['lossy a', 'source b', 'screen s < a b'])
    expect(describeAll(definition)).toEqual([
      'a > s: at-most-once (a cannot read anything again; s cannot be cut back after a crash)',
      'b > s: at-least-once (s cannot be cut back after a crash)',
    ])
  })

  it('mentions what a channel may let go', () => {
    const base = definitionOf(['source a', 'file f < a', 'sink s < f'])
    const definition = adjust(base, 'f', {
      options: { when_full: 'drop-newest', sync: 'interval', sync_interval: 500 },
    })
    expect(describeAll(definition)[0]).toBe(
      'a > f > s: exactly-once (f lets records go when it is full, counted; f may lose the last 500 ms in a power cut)',
    )
  })

  it('is at-least-once where a source tails what a sink of the pipeline writes', () => {
    const base = definitionOf(['source a', 'sink s < a', 'source b', 'sink t < b'])
    const writing = adjust(base, 's', { check: { writes: ['/out/{bucket}.log'] } })
    const definition = adjust(writing, 'b', { check: { reads: ['/out/*.log'] } })
    expect(describeAll(definition)).toEqual(['a > s: exactly-once', 'b > t: at-least-once (b reads what s writes)'])
  })
})

describe('unmetDemands', () => {
  it('names the sinks that cannot give what the definition asks for', () => {
    const definition = definitionOf(['source a', 'sink s < a', 'screen t < a'], { delivery: 'exactly-once' })
    expect(unmetDemands(definition).map(({ sink }) => sink.name)).toEqual(['t'])
  })

  it('accepts less where the sink itself says so', () => {
    const base = definitionOf(['source a', 'screen t < a'], { delivery: 'exactly-once' })
    expect(unmetDemands(adjust(base, 't', { delivery: 'at-least-once' }))).toEqual([])
  })
})
