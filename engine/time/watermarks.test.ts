import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputTime, type Moment, type TimeRule } from './input-time.ts'
import { Watermarks } from './watermarks.ts'

const NEVER = Number.NEGATIVE_INFINITY
const EVENT: TimeRule = { kind: 'event', outOfOrderness: 5, idle: 100, maxDrift: 300 }
const at = (monotonic: number): Moment => ({ monotonic, wall: 1_000_000 + monotonic })
const CAUGHT_UP = { caughtUp: true, ended: false }
const BEHIND = { caughtUp: false, ended: false }
const ENDED = { caughtUp: true, ended: true }

function inputOf(rule: TimeRule = EVENT, kept: ReadonlyMap<string, number> = new Map()): InputTime {
  return new InputTime(rule, kept, at(0))
}

function marksOf(watermarks: Watermarks, input: InputTime, partition: string, times: number[], now = at(0)): number[] {
  return [...watermarks.markByTime(input, partition, Float64Array.from(times), now)]
}

describe('the watermark of a pump', () => {
  it('marks each record with what was known before it, however records are cut into batches', () => {
    const record = fc.record({ partition: fc.constantFrom('a', 'b', 'c'), time: fc.nat(1000), cut: fc.boolean() })
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 60 }), (records) => {
        const inputs = [inputOf(), inputOf({ ...EVENT, outOfOrderness: 0 })] as const
        const watermarks = new Watermarks(inputs)
        const homeOf = (partition: string) => (partition === 'c' ? inputs[1] : inputs[0])
        for (const name of ['a', 'b', 'c']) homeOf(name).know(name)
        const marks: number[] = []
        for (let from = 0; from < records.length; ) {
          const { partition } = records[from] as (typeof records)[number]
          let to = from + 1
          while (to < records.length && records[to]?.partition === partition && !records[to]?.cut) to += 1
          const times = records.slice(from, to).map(({ time }) => time)
          marks.push(...marksOf(watermarks, homeOf(partition), partition, times))
          from = to
        }
        const newest = new Map([...'abc'].map((name) => [name, NEVER]))
        const slack = { a: 5, b: 5, c: 0 }
        const expected = records.map(({ partition, time }) => {
          const mark = Math.min(...[...newest].map(([name, best]) => best - slack[name as 'a']))
          newest.set(partition, Math.max(newest.get(partition) as number, time))
          return mark
        })
        expect(marks).toEqual(expected)
        expect(watermarks.settle(at(0))).toBe(Math.min(...[...newest].map(([name, best]) => best - slack[name as 'a'])))
      }),
    )
  })

  it('never goes back, whatever comes, goes idle, ends or is forgotten', () => {
    const event = fc.record({
      partition: fc.constantFrom('a', 'b'),
      times: fc.array(fc.nat(1000), { maxLength: 4 }),
      said: fc.constantFrom(CAUGHT_UP, BEHIND, ENDED),
      passes: fc.nat(80),
      what: fc.constantFrom('batch', 'batch', 'batch', 'forget'),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const input = inputOf()
        const watermarks = new Watermarks([input])
        const seen: number[] = []
        let now = 0
        for (const { partition, times, said, passes, what } of events) {
          now += passes
          seen.push(watermarks.settle(at(now)))
          if (what === 'forget') input.forget(partition)
          else {
            seen.push(...marksOf(watermarks, input, partition, times, at(now)))
            input.took(partition, said, at(now))
          }
        }
        expect(seen).toEqual(seen.toSorted((a, b) => (a === b ? 0 : a - b)))
      }),
    )
  })

  it('is held by a partition that is known but was not read yet, and by a source that has said nothing yet', () => {
    const [read, silent] = [inputOf(), inputOf()]
    const watermarks = new Watermarks([read, silent])
    read.know('unread')
    marksOf(watermarks, read, 'read', [50])
    expect(watermarks.settle(at(0))).toBe(NEVER)
    silent.took('only', CAUGHT_UP, at(0))
    marksOf(watermarks, silent, 'only', [80])
    expect(watermarks.settle(at(0))).toBe(NEVER)
    read.took('unread', ENDED, at(0))
    expect(watermarks.settle(at(0))).toBe(45)
  })

  it('goes on without a partition only if it was read to its end, nothing waits, and nothing came for so long', () => {
    const input = inputOf()
    const watermarks = new Watermarks([input])
    marksOf(watermarks, input, 'quiet', [10])
    input.took('quiet', BEHIND, at(0))
    marksOf(watermarks, input, 'busy', [500])
    input.took('busy', BEHIND, at(0))
    expect(watermarks.settle(at(1000))).toBe(5)
    input.took('quiet', CAUGHT_UP, at(1000))
    input.waiting = true
    expect(watermarks.settle(at(5000))).toBe(5)
    input.waiting = false
    expect(watermarks.settle(at(1099))).toBe(5)
    expect(watermarks.settle(at(1100))).toBe(495)
  })

  it('goes with the clock when all are idle, from the newest of them on, and waits there for who comes back', () => {
    const input = inputOf()
    const watermarks = new Watermarks([input])
    for (const [partition, time] of [
      ['old', 10],
      ['new', 500],
    ] as const) {
      marksOf(watermarks, input, partition, [time])
      input.took(partition, CAUGHT_UP, at(0))
    }
    expect(watermarks.settle(at(99))).toBe(5)
    expect(watermarks.settle(at(140))).toBe(495 + 40)
    expect(watermarks.reachesIn(600, at(140))).toBe(65)
    expect(marksOf(watermarks, input, 'old', [530, 700], at(150))).toEqual([535, 535])
    input.took('old', CAUGHT_UP, at(150))
    expect(watermarks.settle(at(150))).toBe(695)
  })

  it('is the wall clock where records have the time of their arrival, once all of them are taken', () => {
    const input = inputOf({ kind: 'arrival' })
    const watermarks = new Watermarks([input])
    input.know('in')
    expect(marksOf(watermarks, input, 'in', [1_000_010, 1_000_010], at(12))).toEqual([NEVER, 1_000_010])
    input.took('in', BEHIND, at(12))
    expect(watermarks.settle(at(50))).toBe(1_000_010)
    input.took('in', CAUGHT_UP, at(50))
    expect(watermarks.settle(at(60))).toBe(1_000_060)
    expect(watermarks.reachesIn(1_000_100, at(60))).toBe(40)
  })

  it('is taken up again where the last checkpoint left it', () => {
    const input = inputOf(EVENT, new Map([['in', 30]]))
    const watermarks = new Watermarks([input], 40)
    expect(watermarks.settle(at(0))).toBe(40)
    expect(marksOf(watermarks, input, 'in', [38, 60, 61])).toEqual([40, 40, 55])
    expect([...input.takeChanges()]).toEqual([['in', 56]])
    expect([...input.takeChanges()]).toEqual([])
  })

  it('says when the clock alone may bring it to a moment, and that it cannot while somebody is behind', () => {
    const [early, late] = [inputOf(), inputOf()]
    const watermarks = new Watermarks([early, late])
    marksOf(watermarks, early, 'p', [10])
    early.took('p', CAUGHT_UP, at(0))
    marksOf(watermarks, late, 'p', [500])
    late.took('p', BEHIND, at(0))
    expect(watermarks.reachesIn(400, at(30))).toBe(70)
    expect(watermarks.reachesIn(600, at(30))).toBeUndefined()
    expect(watermarks.reachesIn(5, at(30))).toBe(0)
  })

  it('lets an input wait that is too far ahead of the slowest other one, until that has come on or is idle', () => {
    const [fast, slow] = [inputOf(), inputOf()]
    const watermarks = new Watermarks([fast, slow])
    marksOf(watermarks, fast, 'p', [1000])
    expect(watermarks.awaitedBy(fast, 'p', at(0))).toBeUndefined()
    marksOf(watermarks, slow, 'p', [100])
    slow.took('p', BEHIND, at(0))
    expect(watermarks.awaitedBy(fast, 'p', at(0))).toBe(695)
    expect(watermarks.awaitedBy(slow, 'p', at(0))).toBeUndefined()
    slow.took('p', CAUGHT_UP, at(0))
    expect(watermarks.reachesIn(695, at(40))).toBe(60)
    expect(watermarks.awaitedBy(fast, 'p', at(100))).toBeUndefined()
    marksOf(watermarks, slow, 'p', [800], at(100))
    slow.took('p', BEHIND, at(100))
    expect(watermarks.awaitedBy(fast, 'p', at(100))).toBeUndefined()
  })
})
