import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { diskStorage } from '../../../engine/storage.ts'
import { faultsOf, openTimed, type TimedValue } from '../../../test/contract/index.ts'
import join from './index.ts'

const OPTIONS = { left: 'side = "l"', by: 'id', within: '10ms' }
const at = (time: number, side: 'l' | 'r', id: number, n = time): TimedValue => ({ at: time, value: { side, id, n } })

/** `n` of both sides of each result. */
const pairsOf = (values: readonly unknown[]) =>
  (values as { left?: { n: number }; right?: { n: number } }[]).map(({ left, right }) => [left?.n, right?.n])

describe('join', () => {
  it('emits a pair when the second of two with one key comes, no further apart than `within`', async () => {
    const timed = await openTimed(join, { options: OPTIONS })
    await timed.feed(at(0, 'l', 1), at(5, 'r', 2), at(10, 'r', 1), at(11, 'r', 1), at(15, 'l', 2))
    expect(pairsOf(timed.values)).toEqual([
      [0, 10],
      [15, 5],
    ])
    expect(timed.emitted.map(({ timestamp }) => timestamp)).toEqual([10, 15])
  })

  it('emits every pair of several on both sides', async () => {
    const timed = await openTimed(join, { options: OPTIONS, room: 1 })
    await timed.feed(at(0, 'l', 1), at(1, 'l', 1), at(2, 'r', 1), at(3, 'r', 1))
    expect(pairsOf(timed.values)).toEqual([
      [0, 2],
      [1, 2],
      [0, 3],
      [1, 3],
    ])
  })

  it.each([
    ['inner', []],
    ['left', [[0, undefined]]],
    ['right', [[undefined, 1]]],
    [
      'outer',
      [
        [0, undefined],
        [undefined, 1],
      ],
    ],
  ])('of kind %s lets what found no partner leave when none can come any more', async (kind, expected) => {
    const timed = await openTimed(join, { options: { ...OPTIONS, kind } })
    await timed.feed(at(0, 'l', 1), at(1, 'r', 2), at(2, 'l', 3), at(3, 'r', 3))
    await timed.watermark(10)
    expect(pairsOf(timed.values)).toEqual([[2, 3]])
    await timed.watermark(12)
    expect(pairsOf(timed.values).slice(1)).toEqual(expected)
  })

  it('looks up the right side by `right_by`, and names the sides as it is told', async () => {
    const options = { ...OPTIONS, right_by: 'order.id', left_as: 'order', right_as: 'payment' }
    const timed = await openTimed(join, { options })
    await timed.feed(at(0, 'l', 7), { at: 1, value: { order: { id: 7 } } })
    expect(timed.values).toEqual([{ order: { side: 'l', id: 7, n: 0 }, payment: { order: { id: 7 } } }])
  })

  it('sends to the port late what is older than the watermark', async () => {
    const timed = await openTimed(join, { options: OPTIONS, outOfOrderness: 5 })
    await timed.feed(at(20, 'l', 1), at(14, 'r', 1), at(15, 'r', 1))
    expect(pairsOf(timed.values)).toEqual([[20, 15]])
    expect(timed.ports('late').map(({ timestamp }) => timestamp)).toEqual([14])
  })

  it('fails what finds no room, and holds nothing that has waited long enough', async () => {
    const timed = await openTimed(join, { options: { ...OPTIONS, max_records: 2 } })
    await timed.feed(at(0, 'l', 1), at(1, 'l', 2), at(2, 'r', 1))
    expect(timed.failed.map(({ error }) => error.code)).toEqual(['SR_STATE_FULL'])
    await timed.watermark(12)
    expect(timed.stateKeys).toBe(0)
  })

  it('loses nothing, and lets nothing leave twice, where a crash comes while many leave alone', async () => {
    const record = fc.record({ time: fc.nat(60), side: fc.constantFrom('l' as const, 'r' as const), id: fc.nat(4) })
    const records = fc.array(record, { maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 1, max: 3 }), async (given, room) => {
        const seen = [false, true].map(async (crashes) => {
          const options = { ...OPTIONS, kind: 'outer' }
          const timed = await openTimed(join, { options, outOfOrderness: 20, room: crashes ? room : 100, crashes })
          for (const [n, { time, side, id }] of given.entries()) await timed.feed(at(time, side, id, n))
          await timed.watermark(100)
          return [pairsOf(timed.values), timed.ports('late').map(({ timestamp }) => timestamp), timed.stateKeys]
        })
        expect(await seen[1]).toEqual(await seen[0])
      }),
      { numRuns: 80 },
    )
  })

  it('gives what a loop over all pairs gives, in any order within the bound, cut anywhere, restarted anywhere', async () => {
    const record = fc.record({ time: fc.nat(60), side: fc.constantFrom('l' as const, 'r' as const), id: fc.nat(2) })
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 25 }), fc.array(fc.nat(6)), async (records, cuts) => {
        const values = records.map(({ time, side, id }, n) => at(time, side, id, n))
        const timed = await openTimed(join, { options: { ...OPTIONS, kind: 'outer' }, outOfOrderness: 60, room: 2 })
        for (let from = 0, cut = 0; from < values.length; cut++) {
          const size = 1 + (cuts[cut] ?? 0)
          await timed.feed(...values.slice(from, from + size))
          from += size
          await timed.restart()
        }
        await timed.end()
        const sides = (side: string) => records.map((one, n) => ({ ...one, n })).filter((one) => one.side === side)
        const pairs = sides('l').flatMap((l) =>
          sides('r')
            .filter((r) => r.id === l.id && Math.abs(r.time - l.time) <= 10)
            .map((r) => [l.n, r.n]),
        )
        const alone = [
          ...sides('l')
            .filter(({ n }) => !pairs.some(([l]) => l === n))
            .map(({ n }) => [n, undefined]),
          ...sides('r')
            .filter(({ n }) => !pairs.some(([, r]) => r === n))
            .map(({ n }) => [undefined, n]),
        ]
        const sorted = (list: unknown[]) => list.map((one) => JSON.stringify(one)).toSorted()
        expect(sorted(pairsOf(timed.values))).toEqual(sorted([...pairs, ...alone]))
      }),
      { numRuns: 80 },
    )
  })
})

it('sides with one name, or with keys of different numbers of parts, which are never equal, are faults', async () => {
  const faultsIn = async (given: object) => {
    const options = { left: 't = "o"', within: '1s', ...given }
    const faults = await faultsOf(join, options, { storage: diskStorage(), definitionFolder: '/' })
    return faults.map(({ path, code }) => `${path.join('.')} ${code}`)
  }
  expect(await faultsIn({ by: 'a', left_as: 'x', right_as: 'x' })).toEqual(['right_as SR_OPTION_REFUSED'])
  expect(await faultsIn({ by: ['a', 'b'], right_by: 'c' })).toEqual(['right_by SR_OPTION_REFUSED'])
  expect(await faultsIn({ by: 'c', right_by: { x: 'a', y: 'b' } })).toEqual(['right_by SR_OPTION_REFUSED'])
  expect(await faultsIn({ by: { x: 'a' }, right_by: ['b'] })).toEqual([])
  expect(await faultsIn({ by: ['a', 'b'] })).toEqual([])
})
