import { expect } from 'vitest'
import type { Json, SourcePlugin } from '../../engine/plugin.ts'
import type { Storage } from '../../engine/storage.ts'
import { type Clause, clause, describeClauses } from './clause.ts'
import { holdsSomething, type ReadBatch, type Reading, SourceBench } from './source-bench.ts'
import { throughJson, turns } from './specimens.ts'

/** What the contract of sources is tried on. */
export interface SourceFixture {
  readonly plugin: SourcePlugin
  /** The disk that it reads from; left out: this machine's. */
  readonly storage?: () => Storage
  /** The clients that `context.connection` gives it, by name; opened each time that it is. */
  connect?(storage: Storage): Promise<{ readonly [name: string]: unknown }>
  /** A fresh input that has an end and comes in at least three batches; asked for by every test. */
  prepare(storage: Storage): SourceInput | Promise<SourceInput>
}

export interface SourceInput {
  /** As in YAML; with these it reads to the end of the input. */
  readonly options: { readonly [name: string]: Json }
  /** With these it waits for more at the end. */
  readonly endless?: { readonly [name: string]: Json }
  /** With these it cannot read at all: `open` or the iteration throws. */
  readonly broken?: { readonly [name: string]: Json }
  /**
   * What is there to read, one list for each partition: values, or texts where the source hands over frames. What it
   * hands over as failures is not among it.
   */
  readonly records: readonly (readonly Json[])[]
  /** The codes of what it cannot read, in any order. */
  readonly failed?: readonly string[]
  dispose?(): Promise<void>
}

/** One test for each promise that `SourceDefinition` and `Source` make. */
export function describeSource(name: string, fixture: SourceFixture): void {
  describeClauses(`the source ${name} keeps the contract`, sourceClauses(fixture))
}

export function sourceClauses(fixture: SourceFixture): readonly Clause[] {
  const on: On = (title, check, applies) => clause(title, () => SourceBench.use(fixture, check), applies)
  const replayable = fixture.plugin.delivery === 'replayable'
  return [
    ...reads(on),
    ...isExact(on),
    ...ends(on),
    ...comesBack(on, replayable),
    ...commits(on, replayable),
    ...closes(on),
  ]
}

type On = (title: string, check: (bench: SourceBench) => Promise<void>, applies?: boolean) => Clause

function reads(on: On): Clause[] {
  return [
    on('reads everything, in order in each partition, and ends', async (bench) => {
      const batches = await (await bench.open()).toEnd()
      // Less would say nothing about what happens between two batches.
      expect(batches.length).toBeGreaterThanOrEqual(3)
      bench.expectAll(batches)
    }),
    on('keeps the bytes of a batch until it is released', async (bench) => {
      const reading = await bench.open()
      const batches = await reading.toEnd({ release: 'never' })
      for (const batch of batches) expect(batch.readAgain()).toEqual(batch.records)
    }),
    on('reads the same when every batch is released late', async (bench) => {
      bench.expectAll(await (await bench.open()).toEnd({ release: 'later' }))
    }),
  ]
}

function isExact(on: On): Clause[] {
  return [
    on('gives each record the origin that it was read at', async (bench) => {
      const batches = await (await bench.open()).toEnd()
      for (const { partition, origins } of batches) {
        for (const origin of origins) expect(origin).toMatchObject({ component: bench.id, partition })
      }
    }),
    on('says that nothing more is there when that is so, and not before', async (bench) => {
      const batches = await (await bench.open()).toEnd()
      for (const [index, { partition, caughtUp }] of batches.entries()) {
        const more = batches.slice(index + 1).some((later) => later.partition === partition && later.records.length > 0)
        if (more) expect(caughtUp).toBe(false)
      }
      expect(batches.at(-1)?.caughtUp).toBe(true)
    }),
    on('says how far it is, if it can tell: from 0 to 1, and never back', async (bench) => {
      const reading = await bench.open()
      const shares = [0, reading.source.progress?.() ?? 0]
      while ((await reading.take(1)).length > 0) shares.push(reading.source.progress?.() ?? 1)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      expect(shares.at(-1)).toBe(1)
    }),
    on('hands over what it cannot read as failures', async (bench) => {
      const batches = await (await bench.open()).toEnd()
      const codes = batches.flatMap(({ failed }) => failed).map(({ error }) => error.code)
      expect(codes.toSorted()).toEqual([...(bench.input.failed ?? [])].sort())
    }),
  ]
}

function ends(on: On): Clause[] {
  return [
    on('ends between two batches when it is told to stop', async (bench) => {
      const all = await (await bench.open()).toEnd()
      const reading = await bench.open()
      await reading.take(1)
      reading.context.stop()
      const rest = await reading.toEnd()
      expect(rest.length).toBeLessThan(all.length - 1)
    }),
    on('ends before it has read anything when it is told to stop', async (bench) => {
      const reading = await bench.open()
      reading.context.stop()
      const batches = await reading.toEnd()
      expect(batches.length).toBeLessThan(3)
    }),
    on('ends while it waits for more when it is told to stop', async (bench) => {
      if (bench.input.endless === undefined) return
      const reading = await bench.open(bench.input.endless)
      const batches = await reading.takeRecords(bench.input.records.flat().length)
      bench.expectAll(batches)
      const end = reading.toEnd()
      await turns()
      reading.context.stop()
      for (const batch of await end) expect(batch.records).toEqual([])
    }),
  ]
}

function comesBack(on: On, replayable: boolean): Clause[] {
  return [
    on('gives positions that are plain JSON', async (bench) => {
      for (const { position } of await (await bench.open()).toEnd()) expect(throughJson(position)).toEqual(position)
    }),
    on(
      'reads exactly the rest from every position',
      async (bench) => {
        const all = await (await bench.open()).toEnd()
        for (const cut of cutsOf(all)) {
          const positions = positionsAfter(all.slice(0, cut))
          const rest = await (await bench.open(bench.input.options, positions)).toEnd()
          bench.expectAll([...all.slice(0, cut), ...rest])
        }
      },
      replayable,
    ),
    on(
      'reads exactly the rest when it is killed again and again',
      async (bench) => {
        const all = await (await bench.open()).toEnd()
        const kept: ReadBatch[] = []
        for (let more = 1, rounds = 0; more > 0; rounds++) {
          expect(rounds).toBeLessThanOrEqual(all.length + 1)
          const reading = await bench.open(bench.input.options, positionsAfter(kept))
          const taken = await reading.takeHolding(2)
          more = taken.filter(holdsSomething).length
          // Of two batches the first is committed, and the second is lost with the process.
          kept.push(...(more < 2 ? taken : taken.slice(0, -1)))
        }
        bench.expectAll(kept)
      },
      replayable,
    ),
  ]
}

function commits(on: On, replayable: boolean): Clause[] {
  return [
    on('may be told of a commit twice, while it reads and before', async (bench) => {
      const reading = await bench.open()
      const first = await reading.take(2)
      await commitTwice(reading, first)
      const second = await reading.toEnd()
      bench.expectAll([...first, ...second])
      if (!replayable) return
      const again = await bench.open(bench.input.options, positionsAfter(first))
      await commitTwice(again, first)
      bench.expectAll([...first, ...(await again.toEnd())])
    }),
    on('waits for no writer any more when the pipeline is aborted', async (bench) => {
      const reading = await bench.open()
      const batches = await reading.take(1)
      bench.abort()
      await reading.source.covered?.(positionsAfter(batches))
    }),
  ]
}

function closes(on: On): Clause[] {
  return [
    on('closes without having been read', async (bench) => {
      await (await bench.open()).source.close?.()
    }),
    on('closes in the middle of its input', async (bench) => {
      const reading = await bench.open()
      await reading.take(1)
      await reading.leave()
      await reading.source.close?.()
    }),
    on('closes after it has failed', async (bench) => {
      if (bench.input.broken === undefined) return
      const reading = await bench.open(bench.input.broken).catch((error: unknown) => error)
      if (reading instanceof Error) return
      await expect((reading as Reading).toEnd()).rejects.toThrow()
      await (reading as Reading).source.close?.()
    }),
  ]
}

async function commitTwice({ source }: Reading, batches: readonly ReadBatch[]): Promise<void> {
  const positions = positionsAfter(batches)
  await source.commit?.(positions)
  await source.commit?.(positions)
}

/** As a checkpoint would hold them. */
function positionsAfter(batches: readonly ReadBatch[]): Map<string, Json> {
  return new Map(batches.map(({ partition, position }) => [partition, throughJson(position)]))
}

/** After how many batches to cut: everywhere, or where there are many in some places. */
function cutsOf(batches: readonly ReadBatch[]): number[] {
  const step = Math.max(1, Math.floor(batches.length / 20))
  return Array.from({ length: Math.floor(batches.length / step) + 1 }, (_, index) => index * step)
}
