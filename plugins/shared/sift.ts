import type { Batch, Metrics, Output, StreamRecord } from '../../engine/plugin.ts'
import { evaluateInto } from './evaluate.ts'
import { inOrder } from './in-order.ts'

/** Hands every record with what is worked out of it to `takes`, in order, and counts those that it does not take. */
export function sift<T>(
  batch: Batch,
  work: { evaluate(record: StreamRecord): T | Promise<T> },
  { out, metrics }: { readonly out: Output; readonly metrics: Metrics },
  takes: (record: StreamRecord, result: T) => boolean,
): void | Promise<void> {
  let dropped = 0
  const report = () => {
    if (dropped > 0) metrics.count('dropped', dropped)
  }
  const take = (result: T, record: StreamRecord) => {
    if (!takes(record, result)) dropped += 1
  }
  const done = inOrder(batch.records, (record) => evaluateInto(work, record, out, take))
  return done === undefined ? report() : done.then(report)
}
