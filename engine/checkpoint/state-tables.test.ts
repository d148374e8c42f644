import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLog } from '../log/index.ts'
import type { KeyedState } from '../plugin.ts'
import { seededRandom } from '../random.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { openLocalStore } from './local-store.ts'
import type { StateDelta } from './state-tables.ts'

const FOLDER = '/state/checkpoint'
/** So small that every run has many snapshots, each over several epochs. */
const LIMITS = { leastDeltas: 200, leastRestated: 2 }

async function open(storage: MemoryStorage) {
  await storage.makeFolder(FOLDER)
  const log = await openLog(storage, FOLDER, { segmentSize: 1024, sync: 'always' })
  return { store: await openLocalStore(log, LIMITS), log }
}

type Counters = KeyedState<{ count: number }>

/** A state of `component`, changed in place as a window's is. */
function stateOf({ store }: Awaited<ReturnType<typeof open>>, component: string): Counters {
  return store.state.tables.open(
    { component, state: 'counters' },
    { encode: ({ count }) => count, decode: (kept) => ({ count: kept as number }) },
  )
}

type Step =
  | { readonly kind: 'add'; readonly table: 0 | 1; readonly key: string }
  | { readonly kind: 'delete'; readonly table: 0 | 1; readonly key: string }
  /** Both segments cut; their epochs are committed later, in this order. */
  | { readonly kind: 'cut'; readonly table: 0 | 1 }
  | { readonly kind: 'commit' }
  | { readonly kind: 'crash' }

const table = fc.constantFrom(0 as const, 1 as const)
const key = fc.integer({ min: 0, max: 25 }).map((n) => `key ${n}`)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('add' as const), table, key }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('delete' as const), table, key }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('cut' as const), table }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('commit' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
)

const NAMES = ['left', 'right'] as const
type Entries = readonly (readonly [string, number])[]
const entriesOf = (state: Counters): Entries => [...state.entries()].map(([name, { count }]) => [name, count])

describe('the states of processors', () => {
  it('come back from a power cut as the last committed cuts took them, in their order, through snapshots', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 400 }), fc.nat(), async (steps, seed) => {
        let disk = memoryStorage()
        let opened = await open(disk)
        let states = NAMES.map((name) => stateOf(opened, name))
        const committed: Entries[] = [[], []]
        let waiting: { table: 0 | 1; states: readonly StateDelta[]; entries: Entries }[] = []
        for (const one of [...steps, { kind: 'crash' } as const]) {
          if (one.kind === 'add') {
            const state = states[one.table] as Counters
            const known = state.get(one.key)
            if (known === undefined) state.set(one.key, { count: 1 })
            else {
              known.count += 1
              state.touch(one.key)
            }
          } else if (one.kind === 'delete') states[one.table]?.delete(one.key)
          else if (one.kind === 'cut') {
            const taken = opened.store.state.tables.takeChanges(new Set([NAMES[one.table]]))
            waiting.push({ table: one.table, states: taken, entries: entriesOf(states[one.table] as Counters) })
          } else if (one.kind === 'commit') {
            const [next] = waiting.splice(0, 1)
            if (next === undefined) continue
            await opened.store.commit({ states: next.states })
            committed[next.table] = next.entries
          } else {
            disk = disk.crash(seededRandom(seed))
            opened = await open(disk)
            states = NAMES.map((name) => stateOf(opened, name))
            expect(states.map(entriesOf)).toEqual(committed)
            waiting = []
          }
        }
      }),
      { numRuns: 200 },
    )
  })

  it('take no more room on the disk than a few times what they hold, however often they change', async () => {
    const disk = memoryStorage()
    const opened = await open(disk)
    const state = stateOf(opened, 'left')
    for (let round = 0; round < 500; round++) {
      for (let n = 0; n < 20; n++) state.set(`key ${(round * 7 + n * 3) % 100}`, { count: round })
      await opened.store.commit({ states: opened.store.state.tables.takeChanges(new Set(['left'])) })
    }
    const size = JSON.stringify([...state.entries()]).length
    expect(opened.log.bytes).toBeLessThan(20 * size)
    expect(opened.log.first).toBeGreaterThan(0)
  })

  it('that nobody opens any more, and those of a segment that has ended, stay in the snapshots', async () => {
    const disk = memoryStorage()
    const first = await open(disk)
    stateOf(first, 'left').set('kept', { count: 7 })
    stateOf(first, 'right').set('ended', { count: 8 })
    const { tables } = first.store.state
    await first.store.commit({ states: tables.takeChanges(new Set(NAMES)) })
    const second = await open(disk.crash(seededRandom(1)))
    stateOf(second, 'right')
    second.store.state.tables.close('right')
    for (let n = 0; n < 200; n++) await second.store.commit({ positions: new Map([['in', new Map([['p', n]])]]) })
    expect(second.log.first).toBeGreaterThan(2)
    const third = await open(disk.crash(seededRandom(1)))
    expect(NAMES.map((name) => entriesOf(stateOf(third, name)))).toEqual([[['kept', 7]], [['ended', 8]]])
  })

  it('lose what a crash left of an epoch that was not whole', async () => {
    const disk = memoryStorage()
    const opened = await open(disk)
    const state = stateOf(opened, 'left')
    state.set('a', { count: 1 })
    const { tables } = opened.store.state
    await opened.store.commit({ states: tables.takeChanges(new Set(['left'])) })
    state.set('b', { count: 1 })
    for (const { changed } of tables.takeChanges(new Set(['left'])))
      await opened.log.append([Buffer.from(`{"state":["left","counters"],"changed":${changed.join()}}`)])
    await opened.log.sync()
    const again = await open(disk.crash(seededRandom(1)))
    await again.store.commit({ positions: new Map([['in', new Map([['p', 1]])]]) })
    const last = await open(disk.crash(seededRandom(1)))
    expect(entriesOf(stateOf(last, 'left'))).toEqual([['a', 1]])
  })
})
