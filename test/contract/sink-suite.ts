import { expect } from 'vitest'
import { type ByteOutput, type Json, PartialWriteError, RetryableError, type SinkPlugin } from '../../engine/plugin.ts'
import type { Storage } from '../../engine/storage.ts'
import { type Clause, clause, describeClauses } from './clause.ts'
import { isMemory, SinkBench } from './sink-bench.ts'
import { throughJson } from './specimens.ts'

/** What the contract of sinks is tried on. */
export interface SinkFixture<P extends SinkPlace = SinkPlace> {
  readonly plugin: SinkPlugin
  /** Left out: `json`. */
  readonly codec?: string
  /** What it gives with the options of `prepare`; left out: what its definition says. */
  readonly delivery?: SinkPlugin['delivery']
  /** The clients that `context.connection` gives it, by name; opened in each life. */
  connect?(storage: Storage): Promise<{ readonly [name: string]: unknown }>
  /** The disk, if it writes to one: with `memoryStorage` the suite cuts the power and fills the disk as well. */
  readonly storage?: () => Storage
  /** A fresh destination with nothing in it; asked for by every test. */
  prepare(storage: Storage): P | Promise<P>
  /** Makes the next call of `write` fail with what may pass, once; a memory storage needs none. */
  interrupt?(place: P): void
  /** The `n`th value to write. Left out: objects with a number and a text, or lines for the codec `lines`. */
  value?(n: number): Json
  /** A value that cannot be written for itself, if there is one. */
  readonly refused?: Json
}

export interface SinkPlace {
  /** As in YAML. */
  readonly options: { readonly [name: string]: Json }
  readonly stdout?: ByteOutput
  /** What a reader of the destination finds: one list for each place in which the order is kept. */
  read(storage: Storage): Promise<readonly (readonly Json[])[]>
  dispose?(): Promise<void>
}

/** One test for each promise that `SinkDefinition` and `Sink` make. */
export function describeSink<P extends SinkPlace>(name: string, fixture: SinkFixture<P>): void {
  describeClauses(`the sink ${name} keeps the contract`, sinkClauses(fixture))
}

export function sinkClauses<P extends SinkPlace>(fixture: SinkFixture<P>): readonly Clause[] {
  const on: On = (title, check, applies) => clause(title, () => SinkBench.use(fixture, check), applies)
  const onMemory = isMemory(fixture.storage?.())
  const interrupts = onMemory || fixture.interrupt !== undefined
  const flushes = (fixture.delivery ?? fixture.plugin.delivery) === 'exactly-once'
  const clauses = [...writes(on), ...refuses(on, fixture.refused), ...fails(on, { interrupts, onMemory, flushes })]
  return flushes ? [...clauses, ...comesBack(on, onMemory), ...closesAnEpoch(on), ...repeats(on)] : clauses
}

type On = (title: string, check: (bench: SinkBench) => Promise<void>, applies?: boolean) => Clause

function writes(on: On): Clause[] {
  return [
    on('shows every record once and in order when an epoch is committed', async (bench) => {
      await bench.open(undefined)
      for (const count of [3, 0, 1, 200]) await bench.write(count)
      await bench.commitEpoch()
      await bench.expectWritten()
    }),
    on('has room at the beginning', async (bench) => {
      const sink = await bench.open(undefined)
      expect(sink.full?.()).toBeUndefined()
    }),
    on('closes without having written', async (bench) => {
      const sink = await bench.open(undefined)
      await sink.close?.()
      await bench.expectWritten()
    }),
  ]
}

function refuses(on: On, refused: Json | undefined): Clause[] {
  return [
    on(
      'refuses a record for itself, and takes the others of its batch',
      async (bench) => {
        const sink = await bench.open(undefined)
        const { batch, bad } = bench.batchAround(refused as Json)
        const error = await failureOf(sink.write(batch))
        if (error !== undefined && !(error instanceof PartialWriteError)) throw error
        const told = [...(error?.failed.keys() ?? []), ...bench.context.unencodable.map(({ record }) => record)]
        expect(told).toEqual([bad])
        await bench.commitEpoch()
        await bench.expectWritten()
      },
      refused !== undefined,
    ),
  ]
}

function fails(on: On, can: { interrupts: boolean; onMemory: boolean; flushes: boolean }): Clause[] {
  return [
    on(
      'shows nothing twice when a write that failed with what may pass is repeated',
      async (bench) => {
        const sink = await bench.open(undefined)
        await bench.write(2)
        const batch = bench.batchOf(50)
        bench.interrupt()
        expect(await failureOf(sink.write(batch))).toBeInstanceOf(RetryableError)
        await sink.write(batch)
        await bench.write(1)
        await bench.commitEpoch()
        await bench.expectWritten()
      },
      can.interrupts,
    ),
    on(
      'stops at an error of the disk that cannot be waited out, and closes after it',
      async (bench) => {
        const sink = await bench.open(undefined)
        bench.memory.failNext('write', 'EIO')
        expectToStop(await failureOf(sink.write(bench.batchOf(1))))
        await sink.close?.()
      },
      can.onMemory,
    ),
    on(
      'stops when what it wrote cannot be made durable (I-5), and closes after it',
      async (bench) => {
        const sink = await bench.open(undefined)
        await bench.write(1)
        bench.memory.failNext('sync', 'EIO')
        expectToStop(await failureOf(sink.flush?.()))
        await sink.close?.()
      },
      can.onMemory && can.flushes,
    ),
  ]
}

function expectToStop(error: unknown): void {
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(RetryableError)
}

function comesBack(on: On, onMemory: boolean): Clause[] {
  const dying = (end: string, crash: (bench: SinkBench) => void, applies = true) =>
    EPOCHS.flatMap((epochs) =>
      MOMENTS.map((moment) => {
        const title = `comes back to exactly its last epoch when ${end}: ${epochs} committed, the next one ${moment}`
        return on(title, (bench) => dieAndComeBack(bench, epochs, moment, crash), applies)
      }),
    )
  const powerCuts = POWER_CUTS.flatMap((seed) =>
    dying(`the power is cut (seed ${seed})`, (bench) => bench.cutPower(seed), onMemory),
  )
  return [...dying('it is killed', () => {}), ...powerCuts]
}

/** How far the next epoch has come: records written, flush done, in the store, told to the sink. */
const MOMENTS = ['not begun', 'written', 'flushed', 'stored', 'told'] as const
type Moment = (typeof MOMENTS)[number]
const EPOCHS = [0, 1, 2]
const POWER_CUTS = [1, 2, 3, 4]

async function dieAndComeBack(
  bench: SinkBench,
  epochs: number,
  moment: Moment,
  crash: (bench: SinkBench) => void,
): Promise<void> {
  await bench.open(undefined)
  for (let epoch = 0; epoch < epochs; epoch++) {
    await bench.write(20)
    await bench.commitEpoch()
  }
  if (moment !== 'not begun') await beginEpoch(bench, moment)
  crash(bench)
  await bench.recover()
  // Killed during recovery, it recovers to the same.
  await bench.recover()
  await bench.write(7)
  await bench.commitEpoch()
  await bench.expectWritten()
}

async function beginEpoch(bench: SinkBench, moment: Moment): Promise<void> {
  await bench.write(30)
  if (moment === 'written') return
  const cut = await bench.flush()
  if (moment === 'flushed') return
  bench.store(cut)
  if (moment === 'told') await bench.sink.commit?.(cut.state)
  await bench.write(5)
}

function closesAnEpoch(on: On): Clause[] {
  return [
    on('covers with a flush what was written before it was called, and nothing that came after', async (bench) => {
      await bench.open(undefined)
      await bench.write(10)
      const flushing = bench.flush()
      await bench.write(10)
      bench.store(await flushing)
      await bench.recover()
      await bench.expectWritten()
    }),
    on('gives plain JSON as its state', async (bench) => {
      const sink = await bench.open(undefined)
      await bench.write(3)
      const state = await sink.flush?.()
      expect(state).toBeDefined()
      expect(throughJson(state as Json)).toEqual(state)
    }),
    on('makes nothing durable by closing', async (bench) => {
      const sink = await bench.open(undefined)
      await bench.write(3)
      await bench.commitEpoch()
      await bench.write(4)
      await sink.close?.()
      await bench.recover()
      await bench.write(1)
      await bench.commitEpoch()
      await bench.expectWritten()
    }),
  ]
}

function repeats(on: On): Clause[] {
  return [
    on('commits as often as it is told to', async (bench) => {
      const sink = await bench.open(undefined)
      await bench.write(3)
      const state = await bench.commitEpoch()
      await sink.commit?.(state)
      await bench.recover()
      await bench.sink.commit?.(state)
      await bench.write(2)
      await bench.commitEpoch()
      await bench.expectWritten()
    }),
    on('flushes again with nothing new', async (bench) => {
      await bench.open(undefined)
      await bench.write(3)
      await bench.commitEpoch()
      await bench.commitEpoch()
      await bench.recover()
      await bench.expectWritten()
    }),
  ]
}

/** What it failed with; undefined when it did not. */
async function failureOf(call: Promise<unknown> | undefined): Promise<unknown> {
  try {
    await call
    return undefined
  } catch (error) {
    return error
  }
}
