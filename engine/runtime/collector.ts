import { type Batch, markedBatch, recordsBatch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import type { Output } from '../plugin.ts'
import { descendsFrom, madeFrom, type StreamRecord } from '../record.ts'
import type { StageTime } from '../time/stage-time.ts'

/** Collects what a processor does with one batch, in one call. */
export class Collector implements Output {
  readonly #input: Batch
  /** Of the input, made when they are first needed. */
  #records: readonly StreamRecord[] | undefined
  /** Undefined where time does not matter. */
  readonly #time: StageTime | undefined
  readonly #ports = new Map<string | undefined, StreamRecord[]>()
  readonly #reasons = new Map<StreamRecord, RecordError>()
  /** Of what was emitted by each port. */
  #marks: Map<string | undefined, number[]> | undefined
  #emitted = 0
  /** The record of the input that was asked for, or emitted, last: the next one is mostly it, or the one behind. */
  #at = 0
  readonly failed: { readonly record: StreamRecord; readonly error: RecordError }[] = []

  constructor(input: Batch, time?: StageTime) {
    this.#input = input
    this.#time = time
  }

  get full(): boolean {
    return this.#emitted >= FULL_RECORDS
  }

  watermark(record: StreamRecord): number {
    const time = this.#time
    if (time === undefined) return Number.NEGATIVE_INFINITY
    const mark = this.#markOf(record)
    if (mark !== undefined) time.reach(mark)
    return time.watermark
  }

  emit(record: StreamRecord, port?: string, reason?: RecordError): void {
    this.#emitted += 1
    if (reason !== undefined) this.#reasons.set(record, reason)
    const records = this.#ports.get(port)
    if (records === undefined) this.#ports.set(port, [record])
    else records.push(record)
    if (this.#time !== undefined) this.#mark(record, port, this.#time)
  }

  fail(record: StreamRecord, error: RecordError): void {
    this.#withdraw(record)
    this.failed.push({ record, error })
  }

  /** Why it left by the port that it did, where its processor has said so. */
  reasonOf(record: StreamRecord): RecordError | undefined {
    return this.#reasons.get(record)
  }

  /** What came out, port by port; the very batch that went in where all of it came out unchanged, frames and all. */
  *outputs(): Generator<{ readonly port: string | undefined; readonly batch: Batch }> {
    for (const [port, records] of this.#ports) {
      if (records.length === 0) continue
      if (this.#isInput(records)) yield { port, batch: this.#input }
      else yield { port, batch: markedBatch(recordsBatch(records), this.#marksOf(port, records.length)) }
    }
  }

  #mark(record: StreamRecord, port: string | undefined, time: StageTime): void {
    const mark = this.#markOf(record) ?? time.before
    this.#marks ??= new Map()
    const marks = this.#marks.get(port)
    if (marks === undefined) this.#marks.set(port, [mark])
    // One that was made here may come behind the record that it was made for.
    else marks.push(Math.max(mark, marks.at(-1) as number))
  }

  #marksOf(port: string | undefined, size: number): Float64Array | undefined {
    const marks = this.#marks?.get(port)
    return marks === undefined ? undefined : Float64Array.from(marks.slice(0, size))
  }

  /** Of the record of the input that this one is, or was made from; undefined when it was made of nothing or of many. */
  #markOf(record: StreamRecord): number | undefined {
    const { marks } = this.#input
    if (marks === undefined) return undefined
    this.#records ??= this.#input.records
    const records = this.#records
    for (let link: StreamRecord | undefined = record; link !== undefined; link = madeFrom(link)) {
      const found = this.#find(link, records)
      if (found === -1) continue
      this.#at = found
      return marks[found]
    }
    return undefined
  }

  #find(record: StreamRecord, records: readonly StreamRecord[]): number {
    const at = this.#at
    if (records[at] === record) return at
    if (records[at + 1] === record) return at + 1
    return records.indexOf(record)
  }

  /** Records are handled in order, so what was made from the failed one stands last. */
  #withdraw(record: StreamRecord): void {
    for (const [port, records] of this.#ports) {
      for (let last = records.at(-1); last !== undefined && descendsFrom(last, record); last = records.at(-1)) {
        records.pop()
        this.#marks?.get(port)?.pop()
      }
    }
  }

  #isInput(records: readonly StreamRecord[]): boolean {
    const input = this.#input.records
    return records.length === input.length && records.every((record, index) => record === input[index])
  }
}

/** A record that becomes a million of them takes no more room than this; sinks take few large batches faster than many small ones. */
const FULL_RECORDS = 1024
