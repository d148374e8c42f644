import { expect } from 'vitest'
import { readOptions } from '../../engine/options.ts'
import {
  type Json,
  makeRecord,
  type Processed,
  type ProcessorPlugin,
  RecordError,
  recordsBatch,
  type StreamRecord,
} from '../../engine/plugin.ts'
import { descendsFrom } from '../../engine/record.ts'
import { type Clause, clause, describeClauses } from './clause.ts'
import { processorContext } from './context.ts'
import { frozen, ODD_VALUES, turns } from './specimens.ts'

/** What the contract of processors is tried on. */
export interface ProcessorFixture {
  readonly plugin: ProcessorPlugin
  /** As in YAML. */
  readonly options: { readonly [name: string]: Json }
  /** At least three: some that go on, and if there are such, some that are dropped or failed. */
  readonly values: readonly Json[]
  /** Counts in which it says what it let go on purpose; `dropped`. */
  readonly dropCounts?: readonly string[]
  /** It gathers records and emits others: what came of each cannot be told. */
  readonly gathers?: true
}

/** One test for each promise that `ProcessorDefinition` and `Processor` make. */
export function describeProcessor(name: string, fixture: ProcessorFixture): void {
  describeClauses(`the processor ${name} keeps the contract`, processorClauses(fixture))
}

export function processorClauses(fixture: ProcessorFixture): readonly Clause[] {
  const values = [...fixture.values, ...ODD_VALUES]
  return [...accounts(fixture, values), ...keepsOrder(fixture, values), ...behaves(fixture, values)]
}

function accounts(fixture: ProcessorFixture, values: readonly Json[]): Clause[] {
  return [
    clause(
      'emits, fails or counts as dropped every record of a batch',
      async () => {
        const run = await drive(fixture, [values])
        const vanished = run.records.filter((record) => !run.emitsOrFails(record))
        expect(run.dropped).toBe(vanished.length)
      },
      !fixture.gathers,
    ),
    clause('fails what it cannot handle with a RecordError, once, and never throws for a value', async () => {
      const run = await drive(fixture, [values])
      for (const { error } of run.failed) expect(error).toBeInstanceOf(RecordError)
      expect(new Set(run.failed.map(({ record }) => record)).size).toBe(run.failed.length)
    }),
    clause('fails only records that it was given', async () => {
      const run = await drive(fixture, [values])
      for (const { record } of run.failed) expect(run.records).toContain(record)
    }),
  ]
}

function keepsOrder(fixture: ProcessorFixture, values: readonly Json[]): Clause[] {
  return [
    clause('gives the same whatever the batches are', async () => {
      const single = values.map((value) => [value])
      const uneven = [values.slice(0, 2), [], values.slice(2)]
      const { result } = await drive(fixture, [values])
      expect((await drive(fixture, single)).result).toEqual(result)
      expect((await drive(fixture, uneven)).result).toEqual(result)
    }),
    clause('gives the same when its output is full after each record', async () => {
      const { result } = await drive(fixture, [values])
      expect((await drive(fixture, [values], 1)).result).toEqual(result)
    }),
    clause(
      'emits nothing to a full output, unless it makes no more records than it is given',
      async () => {
        const run = await drive(fixture, [values], 1)
        expect(run.overfull === 0 || run.emitted <= values.length).toBe(true)
      },
      !fixture.gathers,
    ),
    clause(
      'keeps the order of the records at each port',
      async () => {
        const run = await drive(fixture, [values])
        for (const emitted of run.ports.values()) {
          const places = emitted.map((record) => run.records.findIndex((one) => descendsFrom(record, one)))
          expect(places).toEqual(places.toSorted((a, b) => a - b))
        }
      },
      !fixture.gathers,
    ),
    clause('is done with a batch when it returns, or its promise resolves', async () => {
      const run = await drive(fixture, [values])
      await turns()
      expect(run.late).toBe(0)
    }),
  ]
}

function behaves(fixture: ProcessorFixture, values: readonly Json[]): Clause[] {
  const { plugin, options } = fixture
  return [
    clause('changes no value that it was given, nor any prototype', async () => {
      const before = JSON.stringify(values)
      // Frozen: whoever writes to one throws.
      await drive(fixture, [values.map(frozen)])
      expect(JSON.stringify(values)).toBe(before)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    }),
    clause('emits only to ports that it declares', async () => {
      const { main, side } = plugin.ports?.(readOptions(plugin.options, options)) ?? { main: true, side: [] }
      const declared = [...(main ? [undefined] : []), ...side]
      const run = await drive(fixture, [values])
      for (const port of run.ports.keys()) expect(declared).toContain(port)
    }),
    clause('closes without having seen a batch', async () => {
      await drive(fixture, [])
    }),
  ]
}

interface Driven {
  readonly records: readonly StreamRecord[]
  readonly ports: ReadonlyMap<string | undefined, readonly StreamRecord[]>
  readonly failed: readonly { readonly record: StreamRecord; readonly error: RecordError }[]
  /** What it said that it dropped. */
  readonly dropped: number
  /** Calls of its output that came when it was done. */
  readonly late: number
  readonly emitted: number
  /** Records that it emitted although its output was full. */
  readonly overfull: number
  /** All that can be seen of it, as plain values. */
  readonly result: unknown
  emitsOrFails(record: StreamRecord): boolean
}

/** Opens the processor, drives the batches through it, with room for some records in each call, and closes it. */
async function drive(
  fixture: ProcessorFixture,
  batches: readonly (readonly Json[])[],
  room = Number.POSITIVE_INFINITY,
): Promise<Driven> {
  const { plugin, options, dropCounts = ['dropped'] } = fixture
  const context = processorContext()
  const processor = await plugin.open(readOptions(plugin.options, options), context)
  const records: StreamRecord[] = []
  const output = new RecordingOutput()
  for (const values of batches) {
    const batch = values.map((value, index) => recordOf(value, records.length + index))
    records.push(...batch)
    const given = recordsBatch(batch)
    for (let answer: Processed = 'more'; answer === 'more'; ) {
      output.room = room
      output.open = true
      answer = await processor.process(given, output)
      output.open = false
    }
  }
  await processor.close?.()
  const counted = dropCounts.map((count) => context.recorded.counts.get(count) ?? 0)
  return Object.assign(output, { records, dropped: counted.reduce((sum, count) => sum + count, 0) })
}

function recordOf(value: Json, index: number): StreamRecord {
  const origin = { component: 'source', partition: 'list', position: { index } }
  return makeRecord({ value, key: `key-${index}`, timestamp: 1_000 + index, origin })
}

class RecordingOutput {
  readonly ports = new Map<string | undefined, StreamRecord[]>()
  readonly failed: { readonly record: StreamRecord; readonly error: RecordError }[] = []
  late = 0
  open = false
  room = 0
  emitted = 0
  overfull = 0

  get full(): boolean {
    return this.room <= 0
  }

  emit(record: StreamRecord, port?: string): void {
    if (this.full) this.overfull += 1
    this.room -= 1
    this.emitted += 1
    if (!this.open) this.late += 1
    this.ports.set(port, [...(this.ports.get(port) ?? []), record])
  }

  watermark(_record: StreamRecord): number {
    return Number.NEGATIVE_INFINITY
  }

  fail(record: StreamRecord, error: RecordError): void {
    if (!this.open) this.late += 1
    this.failed.push({ record, error })
  }

  emitsOrFails(record: StreamRecord): boolean {
    return (
      [...this.ports.values()].flat().some((one) => descendsFrom(one, record)) ||
      this.failed.some((one) => one.record === record)
    )
  }

  get result(): unknown {
    const shown = ({ value, key, timestamp, origin }: StreamRecord) => ({ value, key, timestamp, origin })
    return {
      ports: [...this.ports].map(([port, emitted]) => [port, emitted.map(shown)]),
      failed: this.failed.map(({ record, error }) => [shown(record), error.code, error.message]),
    }
  }
}
