import { expect } from 'vitest'
import { systemClock } from '../../engine/clock.ts'
import { createEncoder } from '../../engine/codec/index.ts'
import { readOptions } from '../../engine/options.ts'
import {
  type Batch,
  framesBatch,
  type Json,
  makeRecord,
  recordsBatch,
  type Sink,
  type StreamRecord,
} from '../../engine/plugin.ts'
import { seededRandom } from '../../engine/random.ts'
import type { Storage } from '../../engine/storage.ts'
import { type MemoryStorage, memoryStorage } from '../../engine/trial/memory-storage.ts'
import { memoryOutput, type SinkTestContext, sinkContext } from './context.ts'
import { framesOf } from './list-source.ts'
import type { SinkFixture, SinkPlace } from './sink-suite.ts'
import { throughJson } from './specimens.ts'

/** A sink under test at one destination, through as many lives as the test gives it. */
export class SinkBench {
  readonly #fixture: Try
  readonly #place: SinkPlace
  readonly #lives: Sink[] = []
  #storage: Storage
  #context: SinkTestContext | undefined
  #batches = 0
  /** Every value that was made. */
  readonly #values: Json[] = []
  /** Those that are to be found now, and those that the last stored epoch covers. */
  #expected: Json[] = []
  #covered: readonly Json[] = []
  /** What the checkpoint holds for the sink. */
  #stored: Json | undefined

  private constructor(fixture: Try, place: SinkPlace, storage: Storage) {
    this.#fixture = fixture
    this.#place = place
    this.#storage = storage
  }

  /** Runs `check` on a fresh destination, and puts it away. */
  static async use<P extends SinkPlace>(
    { interrupt, ...fixture }: SinkFixture<P>,
    check: (bench: SinkBench) => Promise<void>,
  ): Promise<void> {
    const storage = fixture.storage?.() ?? memoryStorage()
    const place = await fixture.prepare(storage)
    const bench = new SinkBench({ ...fixture, interrupt: interrupt && (() => interrupt(place)) }, place, storage)
    try {
      await check(bench)
    } finally {
      // Some were closed by the test, and some died.
      for (const sink of bench.#lives) await Promise.resolve(sink.close?.()).catch(() => {})
      await place.dispose?.()
    }
  }

  get sink(): Sink {
    return this.#lives.at(-1) as Sink
  }

  get context(): SinkTestContext {
    return this.#context as SinkTestContext
  }

  get memory(): MemoryStorage {
    if (!isMemory(this.#storage)) throw new Error('the storage of this fixture cannot be harmed')
    return this.#storage
  }

  /** A new life, in the order in which the engine calls; the one before was closed or killed. */
  async open(state: Json | undefined): Promise<Sink> {
    const { plugin, codec = 'json', connect } = this.#fixture
    const { options, stdout = memoryOutput() } = this.#place
    const connections = (await connect?.(this.#storage)) ?? {}
    this.#context = sinkContext({ storage: this.#storage, clock: systemClock(), codec, stdout, connections })
    const sink = await plugin.open(readOptions(plugin.options, options), this.#context)
    this.#lives.push(sink)
    await sink.restore?.(state)
    if (state !== undefined) await sink.commit?.(state)
    return sink
  }

  /** Opens it with what is stored; what came later is to be gone. */
  async recover(): Promise<void> {
    this.#expected = [...this.#covered]
    await this.open(this.#stored)
  }

  async write(count: number): Promise<void> {
    await this.sink.write(this.batchOf(count))
    this.context.takeBack()
  }

  /** The next values, in turn as frames, if the codec reads, and as records. */
  batchOf(count: number): Batch {
    const values = Array.from({ length: count }, () => this.#nextValue())
    this.#expected.push(...values)
    this.#batches += 1
    return this.#batches % 2 === 0 ? this.#asRecords(values) : this.#asFrames(values)
  }

  /** The next two values with `refused` between them. */
  batchAround(refused: Json): { readonly batch: Batch; readonly bad: StreamRecord } {
    const [before, after] = this.batchOf(2).records as [StreamRecord, StreamRecord]
    const bad = makeRecord({ value: refused, timestamp: before.timestamp, origin: before.origin })
    return { batch: recordsBatch([before, bad, after]), bad }
  }

  /** The state at a cut, as it comes back from the checkpoint. */
  flush(): Promise<Cut> {
    const covers = [...this.#expected]
    const flushing = this.sink.flush?.() ?? Promise.resolve(null)
    return flushing.then((state) => ({ state: throughJson(state), covers }))
  }

  /** The epoch is in the checkpoint. */
  store({ state, covers }: Cut): void {
    this.#stored = state
    this.#covered = covers
  }

  /** A whole epoch, in the order of F-1. */
  async commitEpoch(): Promise<Json> {
    const cut = await this.flush()
    this.store(cut)
    await this.sink.commit?.(cut.state)
    return cut.state
  }

  cutPower(seed: number): void {
    this.#storage = this.memory.crash(seededRandom(seed))
  }

  /** Makes the next write fail with what may pass. */
  interrupt(): void {
    if (this.#fixture.interrupt !== undefined) this.#fixture.interrupt()
    else this.memory.failNext('write', 'ENOSPC')
  }

  /** A reader finds every expected value once, and in order in each place. */
  async expectWritten(): Promise<void> {
    const found = await this.#place.read(this.#storage)
    const numbers = new Map(this.#values.map((value, number) => [JSON.stringify(value), number]))
    const numberOf = (value: Json) => numbers.get(JSON.stringify(value)) ?? JSON.stringify(value)
    const expected = this.#expected.map(numberOf)
    const lists = found.map((list) => list.map(numberOf))
    expect(lists.flat().toSorted(byNumber)).toEqual(expected.toSorted(byNumber))
    for (const list of lists) expect(list).toEqual(list.toSorted(byNumber))
  }

  #nextValue(): Json {
    const number = this.#values.length
    const value = this.#fixture.value?.(number) ?? this.#plainValue(number)
    this.#values.push(value)
    return value
  }

  #plainValue(number: number): Json {
    return this.#fixture.codec === 'lines' ? `line ${number}` : { number, text: `record ${number}, ü` }
  }

  #asRecords(values: readonly Json[]): Batch {
    return recordsBatch(values.map((value) => makeRecord({ value, timestamp: TIME, origin: ORIGIN })))
  }

  #asFrames(values: readonly Json[]): Batch {
    const codec = createEncoder(this.#fixture.codec ?? 'json')
    if (!('check' in codec)) return this.#asRecords(values)
    const frames = framesOf(values.map((value) => codec.encode(value)))
    return framesBatch({ ...frames, codec, component: ORIGIN.component, partition: ORIGIN.partition, timestamp: TIME })
  }
}

/** The state of a flush, and the values that it covers. */
export interface Cut {
  readonly state: Json
  readonly covers: readonly Json[]
}

export function isMemory(storage: Storage | undefined): storage is MemoryStorage {
  return storage !== undefined && 'crash' in storage
}

/** A fixture on a place of its own. */
type Try = Omit<SinkFixture, 'interrupt'> & { readonly interrupt: (() => void) | undefined }

const TIME = Date.UTC(2026, 0, 2)
const ORIGIN = { component: 'source', partition: 'list', position: null }

function byNumber(a: number | string, b: number | string): number {
  return Number(a) - Number(b)
}
