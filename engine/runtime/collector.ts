import { type Batch, recordsBatch } from '../batch.ts'
import type { RecordError } from '../errors.ts'
import type { Output } from '../plugin.ts'
import { descendsFrom, type StreamRecord } from '../record.ts'

/** Collects what a processor does with one batch, in one call. */
export class Collector implements Output {
  readonly #input: Batch
  readonly #ports = new Map<string | undefined, StreamRecord[]>()
  readonly #reasons = new Map<StreamRecord, RecordError>()
  #emitted = 0
  readonly failed: { readonly record: StreamRecord; readonly error: RecordError }[] = []

  constructor(input: Batch) {
    this.#input = input
  }

  get full(): boolean {
    return this.#emitted >= FULL_RECORDS
  }

  watermark(_record: StreamRecord): number {
    return Number.NEGATIVE_INFINITY
  }

  emit(record: StreamRecord, port?: string, reason?: RecordError): void {
    this.#emitted += 1
    if (reason !== undefined) this.#reasons.set(record, reason)
    const records = this.#ports.get(port)
    if (records === undefined) this.#ports.set(port, [record])
    else records.push(record)
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
      if (records.length > 0) yield { port, batch: this.#isInput(records) ? this.#input : recordsBatch(records) }
    }
  }

  /** Records are handled in order, so what was made from the failed one stands last. */
  #withdraw(record: StreamRecord): void {
    for (const records of this.#ports.values()) {
      for (let last = records.at(-1); last !== undefined && descendsFrom(last, record); last = records.at(-1))
        records.pop()
    }
  }

  #isInput(records: readonly StreamRecord[]): boolean {
    const input = this.#input.records
    return records.length === input.length && records.every((record, index) => record === input[index])
  }
}

/** As many as are parsed at a time: a record that becomes a million of them takes no more room than a batch. */
const FULL_RECORDS = 128
