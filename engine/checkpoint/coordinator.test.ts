import { describe, expect, it } from 'vitest'
import type { Json } from '../record.ts'
import { manualClock } from '../trial/manual-clock.ts'
import { type CheckpointedSegment, Coordinator } from './coordinator.ts'
import { applyEpoch, type CheckpointStore, type Epoch, emptyState } from './store.ts'

/** A store in memory whose commits can fail with an errno first. */
function memoryStore(failures: string[] = []) {
  const state = emptyState()
  const epochs: Epoch[] = []
  const store: CheckpointStore = {
    state,
    async commit(epoch) {
      const code = failures.shift()
      if (code !== undefined) throw Object.assign(new Error(code), { code })
      epochs.push(epoch)
      applyEpoch(state, epoch)
    },
    close: async () => {},
  }
  return { store, epochs }
}

/** A segment whose one source stands at `position`; it notes what it is told. */
function segmentAt(id: string, events: string[], covered: () => Promise<void> = async () => {}) {
  const at = { position: 1 }
  const segment: CheckpointedSegment = {
    id,
    async cut() {
      events.push(`${id} cut`)
      const positions = new Map([[id, new Map<string, Json>([['p', at.position]])]])
      return {
        positions,
        released: new Map(),
        flushed: Promise.resolve(new Map([[`${id}-sink`, at.position]])),
        covered,
      }
    },
    async committed() {
      events.push(`${id} committed`)
    },
  }
  return { segment, at }
}

function coordinatorOf(
  segments: CheckpointedSegment[],
  store: CheckpointStore,
  stopping = new AbortController().signal,
) {
  const clock = manualClock()
  const failed: unknown[] = []
  const said: string[] = []
  const coordinator = new Coordinator(segments, {
    store,
    clock,
    interval: 1000,
    health: { degraded: (reason) => said.push(reason), ok: () => said.push('ok') },
    signal: new AbortController().signal,
    stopping,
    failed: (error) => failed.push(error),
  })
  return { coordinator, clock, failed, said }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('Coordinator', () => {
  it('cuts every interval, downstream first, and tells a segment only what is durable', async () => {
    const events: string[] = []
    const { store, epochs } = memoryStore()
    const segments = [segmentAt('up', events).segment, segmentAt('down', events).segment]
    const { coordinator, clock } = coordinatorOf(segments, store)
    coordinator.start()
    clock.advance(1000)
    await turn()
    expect(events).toEqual(['down cut', 'up cut', 'down committed', 'up committed'])
    expect(epochs).toHaveLength(2)
    clock.advance(1000)
    await turn()
    expect(epochs).toHaveLength(4)
    coordinator.stop()
    expect(clock.waiting).toBe(0)
  })

  it('commits what was read from a channel only when its writer cannot take it back (I-1)', async () => {
    let release = () => {}
    const waiting = new Promise<void>((resolve) => {
      release = resolve
    })
    const events: string[] = []
    const { store } = memoryStore()
    const { coordinator } = coordinatorOf([segmentAt('down', events, () => waiting).segment], store)
    coordinator.checkpointSoon()
    await turn()
    expect(events).toEqual(['down cut'])
    release()
    await turn()
    expect(events).toEqual(['down cut', 'down committed'])
  })

  it('tries a commit again while the disk is full, and begins no other epoch of that segment meanwhile', async () => {
    const events: string[] = []
    const { store, epochs } = memoryStore(['ENOSPC', 'ENOSPC'])
    const { coordinator, clock, said, failed } = coordinatorOf([segmentAt('a', events).segment], store)
    coordinator.checkpointSoon()
    await turn()
    coordinator.checkpointSoon()
    for (let second = 0; second < 2; second++) {
      clock.advance(1000)
      await turn()
    }
    expect(events).toEqual(['a cut', 'a committed'])
    expect(epochs).toHaveLength(1)
    expect(said.at(-1)).toBe('ok')
    expect(failed).toEqual([])
  })

  it('waits for no room on the disk once the pipeline is to end', async () => {
    const { store } = memoryStore(['ENOSPC', 'ENOSPC'])
    const stopping = new AbortController()
    const events: string[] = []
    const { coordinator, clock, failed } = coordinatorOf([segmentAt('a', events).segment], store, stopping.signal)
    coordinator.checkpointSoon()
    await turn()
    stopping.abort()
    await turn()
    expect(failed).toMatchObject([{ name: 'GaveUpError' }])
    expect({ events, timers: clock.waiting }).toEqual({ events: ['a cut'], timers: 0 })
  })

  it('reports what makes going on impossible (I-5)', async () => {
    const { store } = memoryStore(['EIO'])
    const { coordinator, failed } = coordinatorOf([segmentAt('a', []).segment], store)
    coordinator.checkpointSoon()
    await turn()
    expect(failed).toMatchObject([{ code: 'EIO' }])
  })

  it('waits for the epoch under way before the last one', async () => {
    const events: string[] = []
    const { store, epochs } = memoryStore()
    const { segment, at } = segmentAt('a', events)
    const { coordinator } = coordinatorOf([segment], store)
    coordinator.checkpointSoon()
    at.position = 2
    await coordinator.checkpointLast(segment)
    expect(epochs).toHaveLength(2)
    expect(store.state.positions.get('a')?.get('p')).toBe(2)
  })
})
