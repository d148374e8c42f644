import { type Batch, recordsBatch } from '../batch.ts'
import { type Json, makeRecord, type StreamRecord } from '../record.ts'
import { Lease } from './lease.ts'
import type { QueueItem } from './queue.ts'

/** A record of source `s`, partition `p`, with a value that tells it apart. */
export function recordOf(value: Json): StreamRecord {
  return makeRecord({ value, timestamp: 0, origin: { component: 's', partition: 'p', position: null } })
}

export function batchOf(...values: Json[]): Batch {
  return recordsBatch(values.map(recordOf))
}

/** An item whose position is the last of its values. */
export function itemOf(...values: Json[]): QueueItem {
  const position = { source: 's', partition: 'p', value: values.at(-1) }
  return { batch: batchOf(...values), failed: [], lease: new Lease(undefined), position }
}

/** An item of records that came in these bytes. */
export function itemHolding(bytes: ArrayBuffer, ...values: Json[]): QueueItem {
  return { ...itemOf(...values), lease: new Lease(undefined, bytes) }
}

export function valuesOf(batch: Batch): Json[] {
  return batch.records.map(({ value }) => value)
}
