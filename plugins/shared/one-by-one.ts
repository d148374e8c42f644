import type { Batch, Output, Processed, RecordError, StreamRecord } from '../../engine/plugin.ts'

/** What a processor that keeps time does with its records. */
export interface Steps {
  /** Takes a record; what comes of it goes to `leave`. A promise only where an expression needs one. */
  visit(record: StreamRecord, watermark: number, out: Pick<Output, 'fail'>): void | Promise<void>
  /** Hands what is due first at the watermark to `leave`; false when nothing is. */
  makeDue(watermark: number): boolean
  /** The batch is through. */
  done?(): void
}

export interface OneByOne {
  /** It leaves when there is room, behind what was handed over before it; what is due leaves at once. */
  leave(record: StreamRecord, port?: string, reason?: RecordError): void
  process(batch: Batch, out: Output): Processed | Promise<Processed>
  /** Everything that is due at the watermark leaves. */
  catchUp(watermark: number, out: Output): Processed
}

/**
 * Visits records one after the other, each behind what is due by the watermark that it came with, so that batches may be
 * cut anywhere and change nothing; and lets no more leave than there is room for.
 */
export function oneByOne(steps: Steps): OneByOne {
  // The next record of the batch, and what a visit has made that finds no room yet.
  let next = 0
  let waiting: Parameters<Output['emit']>[] = []
  let isVisit = false
  let way: Output | undefined

  function leave(record: StreamRecord, port?: string, reason?: RecordError): void {
    if (isVisit && (waiting.length > 0 || way?.full)) waiting.push([record, port, reason])
    else way?.emit(record, port, reason)
  }

  /** Says whether everything that waited has left. */
  function emitWaiting(out: Output): boolean {
    way = out
    let left = 0
    while (left < waiting.length && !out.full) out.emit(...(waiting[left++] as Parameters<Output['emit']>))
    if (left > 0) waiting = waiting.slice(left)
    return waiting.length === 0
  }

  /** The same, and what is due. A pause comes only before something is due: a cut in it finds in the state what has not left. */
  function emitDue(watermark: number, out: Output): boolean {
    isVisit = false
    if (!emitWaiting(out)) return false
    do {
      if (out.full) return false
    } while (steps.makeDue(watermark))
    return true
  }

  function goOn(records: readonly StreamRecord[], out: Output): Processed | Promise<Processed> {
    while (next < records.length) {
      const record = records[next] as StreamRecord
      const watermark = out.watermark(record)
      if (!emitDue(watermark, out)) return 'more'
      next += 1
      isVisit = true
      const pending = steps.visit(record, watermark, out)
      if (pending !== undefined) return pending.then(() => goOn(records, out))
    }
    if (!emitWaiting(out)) return 'more'
    next = 0
    steps.done?.()
    return undefined
  }

  return {
    leave,
    process: (batch, out) => goOn(batch.records, out),
    catchUp: (watermark, out) => (emitDue(watermark, out) ? undefined : 'more'),
  }
}
