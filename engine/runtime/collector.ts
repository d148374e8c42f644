import { type Batch, markedBatch, recordsBatch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import { FramedRecord } from '../framed-record.ts'
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
  readonly #ports = new Map<string | undefined, PortRecords>()
  /** That of the last record: the next one mostly leaves by the same. */
  #last: PortRecords | undefined
  readonly #reasons = new Map<StreamRecord, RecordError>()
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
    const out = this.#last !== undefined && this.#last.port === port ? this.#last : this.#outBy(port)
    out.records.push(record)
    if (this.#time !== undefined) this.#mark(record, out.marks, this.#time)
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
    for (const { port, records, marks } of this.#ports.values()) {
      if (records.length === 0) continue
      if (this.#isInput(records)) yield { port, batch: this.#input }
      else yield { port, batch: markedBatch(recordsBatch(records), this.#time && Float64Array.from(marks)) }
    }
  }

  #outBy(port: string | undefined): PortRecords {
    const out = this.#ports.get(port) ?? { port, records: [], marks: [] }
    this.#ports.set(port, out)
    this.#last = out
    return out
  }

  #mark(record: StreamRecord, marks: number[], time: StageTime): void {
    const mark = this.#markOf(record) ?? time.before
    const last = marks.length === 0 ? mark : (marks[marks.length - 1] as number)
    // One that was made here may come behind the record that it was made for.
    marks.push(Math.max(mark, last))
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
    // Nothing that was made here is among records that are bytes.
    if (this.#input.frames !== undefined && !(record instanceof FramedRecord)) return -1
    return records.indexOf(record)
  }

  /** Records are handled in order, so what was made from the failed one stands last. */
  #withdraw(record: StreamRecord): void {
    for (const { records, marks } of this.#ports.values()) {
      for (let last = records.at(-1); last !== undefined && descendsFrom(last, record); last = records.at(-1)) {
        records.pop()
        marks.pop()
      }
    }
  }

  #isInput(records: readonly StreamRecord[]): boolean {
    const input = this.#input.records
    return records.length === input.length && records.every((record, index) => record === input[index])
  }
}

/** What was emitted by one port, and the mark of each where time matters. */
interface PortRecords {
  readonly port: string | undefined
  readonly records: StreamRecord[]
  readonly marks: number[]
}

/** A record that becomes a million of them takes no more room than this; sinks take few large batches faster than many small ones. */
const FULL_RECORDS = 1024
