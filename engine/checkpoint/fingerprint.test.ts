import { describe, expect, it } from 'vitest'
import type { Component, Definition } from '../config/definition.ts'
import { definitionOf } from '../topology/definition.fixture.ts'
import { memoryStorage } from '../trial/memory-storage.ts'
import { claimState } from './fingerprint.ts'
import { applyEpoch, type CheckpointStore, emptyState } from './store.ts'

const KEEP = { all: false, names: [] }

function storeWithState(): CheckpointStore {
  const state = emptyState()
  return { state, commit: async (epoch) => applyEpoch(state, epoch), close: async () => {} }
}

/** A store whose definition has run: the tail has a position, the sink a state. */
async function storeAfter(definition: Definition): Promise<CheckpointStore> {
  const store = storeWithState()
  await claimState(store, definition, KEEP, memoryStorage())
  await store.commit({ positions: new Map([['tail', new Map([['p', 1]])]]), sinks: new Map([['out', 2]]) })
  return store
}

const before = definitionOf(['source tail', 'sink out < tail'])

function withIdentity(definition: Definition, name: string, identity: string): Definition {
  const components = definition.components.map(
    (one) => (one.name === name ? { ...one, check: { identity } } : one) as Component,
  )
  return { ...definition, components }
}

describe('claimState', () => {
  it('goes on with the state when the definition has grown', async () => {
    const store = await storeAfter(before)
    await claimState(
      store,
      definitionOf(['source tail', 'processor p < tail', 'sink out < p', 'sink more < p']),
      KEEP,
      memoryStorage(),
    )
    expect(store.state.positions.get('tail')?.get('p')).toBe(1)
  })

  it('refuses a definition in which a component with state has vanished, and says what would be kept', async () => {
    const store = await storeAfter(before)
    const renamed = definitionOf(['source tail', 'sink output < tail'])
    await expect(claimState(store, renamed, KEEP, memoryStorage())).rejects.toThrow(
      'test.yaml: out is no longer in the definition. --reset-state out would keep the state of tail.',
    )
    expect(store.state.sinks.get('out')).toBe(2)
  })

  it('refuses a component that changed what its state depends on, until its state is given up', async () => {
    const store = await storeAfter(before)
    const changed = withIdentity(before, 'out', 'other')
    await expect(claimState(store, changed, KEEP, memoryStorage())).rejects.toMatchObject({ code: 'SR_STATE_MISMATCH' })
    await claimState(store, changed, { all: false, names: ['out'] }, memoryStorage())
    expect(store.state.sinks.has('out')).toBe(false)
    expect(store.state.positions.get('tail')?.get('p')).toBe(1)
  })

  it('forgets everything with --fresh', async () => {
    const store = await storeAfter(before)
    await claimState(
      store,
      definitionOf(['source other', 'sink out < other']),
      { all: true, names: [] },
      memoryStorage(),
    )
    expect([store.state.positions.size, store.state.sinks.size]).toEqual([0, 0])
  })

  it('refuses to reset a name that it does not know', async () => {
    const store = await storeAfter(before)
    await expect(claimState(store, before, { all: false, names: ['oout'] }, memoryStorage())).rejects.toThrow(
      '--reset-state oout: no component of that name; state is kept for: tail, out',
    )
  })
})
