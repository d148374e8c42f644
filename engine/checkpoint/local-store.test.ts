import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openLog } from '../log/index.ts'
import { seededRandom } from '../random.ts'
import type { Json } from '../record.ts'
import { type MemoryStorage, memoryStorage } from '../trial/memory-storage.ts'
import { openLocalStore } from './local-store.ts'
import { applyEpoch, type Epoch, emptyState } from './store.ts'

const FOLDER = '/state/checkpoint'

async function open(storage: MemoryStorage, segmentSize = 4096) {
  await storage.makeFolder(FOLDER)
  return openLocalStore(await openLog(storage, FOLDER, { segmentSize, sync: 'always' }))
}

const name = fc.constantFrom('a', 'b', 'c')
const partition = fc.constantFrom('p', 'q', 'r')
const value: fc.Arbitrary<Json> = fc.oneof(fc.nat(), fc.string(), fc.constant(null))

const epoch: fc.Arbitrary<Epoch> = fc.record(
  {
    positions: fc
      .array(
        fc.tuple(
          name,
          fc.array(fc.tuple(partition, value)).map((list) => new Map(list)),
        ),
      )
      .map((list) => new Map(list)),
    released: fc
      .array(
        fc.tuple(
          name,
          fc.array(partition).map((list) => new Set(list)),
        ),
      )
      .map((list) => new Map(list)),
    sinks: fc.array(fc.tuple(name, value)).map((list) => new Map(list)),
    forgotten: fc.array(name, { maxLength: 1 }),
  },
  { requiredKeys: [] },
)

/** As plain data, so that maps compare by content whatever made them. */
function flat(state: ReturnType<typeof emptyState>): unknown {
  const positions = [...state.positions].map(([key, partitions]) => [key, [...partitions]] as const)
  return { positions: positions.filter(([, list]) => list.length > 0), sinks: [...state.sinks] }
}

describe('the local checkpoint store', () => {
  it('comes back from a power cut with exactly the epochs that were committed (I-2, I-3)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(epoch, { maxLength: 20 }), fc.nat(), async (epochs, seed) => {
        const disk = memoryStorage()
        const store = await open(disk)
        const model = emptyState()
        for (const each of epochs) {
          await store.commit(each)
          applyEpoch(model, each)
        }
        const recovered = await open(disk.crash(seededRandom(seed)))
        expect(flat(recovered.state as typeof model)).toEqual(flat(model))
      }),
      { numRuns: 100 },
    )
  })

  it('keeps its size when the same partitions move for ever, and still knows them all', async () => {
    const disk = memoryStorage()
    const store = await open(disk, 256 * 1024)
    const partitions = Array.from({ length: 3000 }, (_, n) => `file number ${n}`)
    for (let round = 0; round < 60; round++) {
      await store.commit({
        positions: new Map([['tail', new Map(partitions.map((each) => [each, { offset: round }]))]]),
      })
    }
    const names = await disk.list(FOLDER)
    const sizes = await Promise.all(names.map(async (entry) => (await disk.stat(`${FOLDER}/${entry.name}`))?.size ?? 0))
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(3 * 1024 * 1024)
    const recovered = await open(disk.crash(seededRandom(1)), 256 * 1024)
    expect(recovered.state.positions.get('tail')?.size).toBe(3000)
    expect(recovered.state.positions.get('tail')?.get('file number 2999')).toEqual({ offset: 59 })
  })

  it('shows an epoch only after it is durable, and takes it again when the disk was full', async () => {
    const disk = memoryStorage()
    const store = await open(disk)
    const sinks = new Map<string, Json>([['out', 7]])
    disk.failNext('write', 'ENOSPC')
    await expect(store.commit({ sinks })).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(store.state.sinks.size).toBe(0)
    await store.commit({ sinks })
    expect((await open(disk.crash(seededRandom(1)))).state.sinks.get('out')).toBe(7)
  })

  it('is corrupt, not empty, when the beginning of its log is missing (I-5)', async () => {
    const disk = memoryStorage()
    const store = await open(disk)
    for (let n = 0; n < 100; n++) await store.commit({ positions: new Map([['tail', new Map([['file', n]])]]) })
    await store.close()
    await disk.remove(`${FOLDER}/${'0'.repeat(16)}.log`)
    await expect(open(disk)).rejects.toMatchObject({ code: 'SR_LOG_CORRUPT' })
  })
})
