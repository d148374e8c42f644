import { readOptions } from '../../../engine/options.ts'
import { type Failure, headerText, type Json, type SourceBatch } from '../../../engine/plugin.ts'
import { manualClock } from '../../../engine/trial/manual-clock.ts'
import { type MemoryStorage, memoryStorage } from '../../../engine/trial/memory-storage.ts'
import { sourceContext } from '../../../test/contract/context.ts'
import csv from './index.ts'
import type { Position } from './position.ts'

export type Options = { readonly [name: string]: Json }

export const PATH = '/in/table.csv'

/** What was read: values and failures in the order of the file, with the position behind each batch. */
export interface Reading {
  readonly batches: readonly SourceBatch[]
  readonly values: readonly Json[]
  readonly failed: readonly Failure[]
  /** Code and bytes of each failure, the values between them left out. */
  readonly refused: readonly (readonly [code: string, bytes: string])[]
  /** Batch number and place of each record. */
  readonly places: readonly string[]
  readonly counts: ReadonlyMap<string, number>
  readonly logs: readonly string[]
  readonly last: Position
  /** Where each file was left. */
  readonly positions: ReadonlyMap<string, Position>
}

export async function diskWith(content: string | Uint8Array): Promise<MemoryStorage> {
  const storage = memoryStorage()
  await storage.makeFolder('/in')
  await rewrite(storage, content)
  return storage
}

/** The file now holds this; it stays the same file. */
export async function rewrite(storage: MemoryStorage, content: string | Uint8Array): Promise<void> {
  const file = await storage.open(PATH, 'ensure')
  await file.truncate(0)
  await file.write([Buffer.from(content)], 0)
  await file.close()
}

/** Reads the text to its end, time passing as fast as it is waited for. */
export async function read(content: string | Uint8Array, options: Options = {}): Promise<Reading> {
  return readFrom(await diskWith(content), options)
}

/** Adds a file. */
export async function put(storage: MemoryStorage, path: string, content: string): Promise<void> {
  const file = await storage.open(path, 'ensure')
  await file.write([Buffer.from(content)], 0)
  await file.close()
}

export async function readFrom(storage: MemoryStorage, options: Options, position?: Position): Promise<Reading> {
  return readOn(storage, options, new Map(position === undefined ? [] : [[PATH, position]]))
}

/** From where each file was left. */
export async function readOn(
  storage: MemoryStorage,
  options: Options,
  left: ReadonlyMap<string, Position>,
): Promise<Reading> {
  const clock = manualClock()
  const positions = new Map([...left].map(([path, each]) => [path, JSON.parse(JSON.stringify(each)) as Position]))
  const context = sourceContext<Position>({ storage, clock, positions })
  const source = await csv.open(readOptions(csv.options, { path: PATH, ...options }), context as never)
  const batches: SourceBatch[] = []
  try {
    const iteration = source.batches()[Symbol.asyncIterator]()
    for (;;) {
      const next = iteration.next()
      let settled = false
      next.finally(() => (settled = true)).catch(() => {})
      while (!settled) {
        if (clock.waiting > 0) clock.advance(1000)
        await new Promise((resolve) => setImmediate(resolve))
      }
      const { value, done } = await next
      if (done) break
      batches.push(value)
    }
  } finally {
    await source.close?.()
  }
  const records = batches.flatMap((batch) => batch.records?.records ?? [])
  const failed = batches.flatMap((batch) => batch.failed ?? [])
  return {
    batches,
    values: records.map(({ value }) => value),
    failed,
    refused: failed.map(({ error, raw }) => [error.code, Buffer.from(raw ?? []).toString('latin1')]),
    places: records.map(
      ({ headers }) => `${headerText(headers, 'batch_number')}.${headerText(headers, 'batch_position')}`,
    ),
    counts: context.recorded.counts,
    logs: context.recorded.logs.map(({ message }) => message),
    last: batches.at(-1)?.position as Position,
    positions: new Map([
      ...left,
      ...batches.map(({ partition, position }) => [partition, position as Position] as const),
    ]),
  }
}
