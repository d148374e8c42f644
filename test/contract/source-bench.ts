import { expect } from 'vitest'
import { systemClock } from '../../engine/clock.ts'
import { readOptions } from '../../engine/options.ts'
import type { Failure, Frames, Json, Origin, Source, SourceBatch } from '../../engine/plugin.ts'
import { diskStorage, type Storage } from '../../engine/storage.ts'
import { type SourceTestContext, sourceContext } from './context.ts'
import type { SourceFixture, SourceInput } from './source-suite.ts'

/** A source under test on one input, opened as often as the test wants. */
export class SourceBench {
  readonly id = 'tested'
  readonly input: SourceInput
  readonly #fixture: SourceFixture
  readonly #storage: Storage
  readonly #readings: Reading[] = []
  #abort = new AbortController()

  private constructor(fixture: SourceFixture, input: SourceInput, storage: Storage) {
    this.#fixture = fixture
    this.input = input
    this.#storage = storage
  }

  static async use(fixture: SourceFixture, check: (bench: SourceBench) => Promise<void>): Promise<void> {
    const storage = fixture.storage?.() ?? diskStorage()
    const bench = new SourceBench(fixture, await fixture.prepare(storage), storage)
    try {
      await check(bench)
    } finally {
      bench.abort()
      for (const { context, source } of bench.#readings) {
        context.stop()
        // Some were closed by the test, and some died.
        await Promise.resolve(source.close?.()).catch(() => {})
      }
      await bench.input.dispose?.()
    }
  }

  /** In the order in which the engine calls: after recovery it is told what is committed. */
  async open(options = this.input.options, positions: ReadonlyMap<string, Json> = new Map()): Promise<Reading> {
    const { plugin, connect } = this.#fixture
    this.#abort = new AbortController()
    const context = sourceContext({
      id: this.id,
      clock: systemClock(),
      storage: this.#storage,
      signal: this.#abort.signal,
      positions,
      connections: (await connect?.(this.#storage)) ?? {},
    })
    const source = await plugin.open(readOptions(plugin.options, options), context)
    const reading = new Reading(source, context)
    this.#readings.push(reading)
    if (positions.size > 0) await source.commit?.(positions)
    return reading
  }

  /** Ends the pipeline of the reading that was opened last. */
  abort(): void {
    this.#abort.abort()
  }

  /** The batches hold every record of the input once, and in order in each partition. */
  expectAll(batches: readonly ReadBatch[]): void {
    const lists = new Map<string, Json[]>()
    for (const { partition, records } of batches) {
      lists.set(partition, [...(lists.get(partition) ?? []), ...records])
    }
    const found = [...lists.values()].filter((list) => list.length > 0)
    expect(found.toSorted(byText)).toEqual(this.input.records.filter((list) => list.length > 0).toSorted(byText))
  }
}

/** A source that is being read. */
export class Reading {
  readonly source: Source
  readonly context: SourceTestContext<Json>
  #iteration: AsyncIterator<SourceBatch> | undefined

  constructor(source: Source, context: SourceTestContext<Json>) {
    this.source = source
    this.context = context
  }

  /** Up to `count` batches; fewer at the end. */
  async take(count: number): Promise<ReadBatch[]> {
    const batches: ReadBatch[] = []
    while (batches.length < count) {
      const batch = await this.#next()
      if (batch === undefined) break
      batches.push(readBatch(batch))
      batch.release?.()
    }
    return batches
  }

  /** Batches until so many records have come. */
  async takeRecords(count: number): Promise<ReadBatch[]> {
    const batches: ReadBatch[] = []
    while (batches.reduce((sum, { records }) => sum + records.length, 0) < count) {
      const [batch] = await this.take(1)
      if (batch === undefined) break
      batches.push(batch)
    }
    return batches
  }

  /** Batches until so many have come that hold something, beside those that only say where a partition stands. */
  async takeHolding(count: number): Promise<ReadBatch[]> {
    const batches: ReadBatch[] = []
    while (batches.filter(holdsSomething).length < count) {
      const [batch] = await this.take(1)
      if (batch === undefined) break
      batches.push(batch)
    }
    return batches
  }

  /** Everything that is left. `later`: a batch is released when the next but one has come. */
  async toEnd({ release = 'at once' }: { release?: 'at once' | 'later' | 'never' } = {}): Promise<ReadBatch[]> {
    const batches: ReadBatch[] = []
    const held: SourceBatch[] = []
    for (let batch = await this.#next(); batch !== undefined; batch = await this.#next()) {
      batches.push(readBatch(batch))
      held.push(batch)
      const kept = release === 'at once' ? 0 : 2
      if (release !== 'never' && held.length > kept) held.shift()?.release?.()
    }
    return batches
  }

  /** Ends the iteration as a consumer does that wants no more. */
  async leave(): Promise<void> {
    await this.#iteration?.return?.()
  }

  async #next(): Promise<SourceBatch | undefined> {
    this.#iteration ??= this.source.batches()[Symbol.asyncIterator]()
    const { value, done } = await this.#iteration.next()
    return done ? undefined : value
  }
}

/** What a batch held when it came. */
export interface ReadBatch extends Pick<SourceBatch, 'partition' | 'position' | 'caughtUp'> {
  readonly records: readonly Json[]
  readonly origins: readonly Origin[]
  readonly failed: readonly Failure[]
  /** What its bytes say now. */
  readAgain(): readonly Json[]
}

export function holdsSomething({ records, failed }: ReadBatch): boolean {
  return records.length > 0 || failed.length > 0
}

function readBatch({ partition, position, caughtUp, frames, records, failed = [] }: SourceBatch): ReadBatch {
  const readAgain = () => (frames === undefined ? (records?.records ?? []).map(({ value }) => value) : textsOf(frames))
  const origins = (records?.records ?? []).map(({ origin }) => origin)
  if (frames !== undefined) expectFramed(frames)
  const all = [...origins, ...failed.map(({ origin }) => origin)]
  return { partition, position, caughtUp, failed, records: readAgain(), origins: all, readAgain }
}

function textsOf({ data, starts, ends, count }: Frames): string[] {
  return Array.from({ length: count }, (_, index) => data.toString('utf8', starts[index], ends[index]))
}

/** As `Frames` says: in order, inside the data, a line feed behind each but the last and those that hold one, lines counted up. */
function expectFramed({ data, starts, ends, lines, count, base }: Frames): void {
  const at = (numbers: Uint32Array, index: number) => numbers[index] ?? 0
  const misplaced = Array.from({ length: count }, (_, index) => index).filter((index) => {
    const [start, end] = [at(starts, index), at(ends, index)]
    const isFirst = index === 0
    const ordered = start <= end && end <= data.length && (isFirst || start > at(ends, index - 1))
    const isLine = !data.subarray(start, end).includes(0x0a)
    const terminated = isLine ? index === count - 1 || data[end] === 0x0a : data[end] !== 0x0a
    return !ordered || !terminated || (!isFirst && at(lines, index) <= at(lines, index - 1))
  })
  expect(misplaced).toEqual([])
  expect(base.line).toBeGreaterThanOrEqual(1)
}

function byText(a: readonly Json[], b: readonly Json[]): number {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)]
  return one < other ? -1 : Number(one > other)
}
