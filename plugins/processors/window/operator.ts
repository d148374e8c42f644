import {
  type Expression,
  isTrue,
  type Metrics,
  type Output,
  type Processed,
  type Processor,
  RecordError,
  type StreamRecord,
  type Wake,
} from '../../../engine/plugin.ts'
import { evaluateInto } from '../../shared/evaluate.ts'
import type { Ranking } from './ranking.ts'
import type { Reader } from './reader.ts'
import type { Result } from './results.ts'
import type { Rows } from './rows.ts'
import { type Closing, FULL, LATE, type Windows } from './windows.ts'

export interface OperatorParts {
  readonly reader: Reader
  readonly rows: Rows
  readonly windows: Windows
  readonly lateness: number
  readonly resultOf: (closing: Closing) => Result | Promise<Result>
  readonly having: Expression | undefined
  /** Undefined: all results leave. */
  readonly ranking: Ranking | undefined
  readonly metrics: Metrics
}

/**
 * The windows at work. What is due before a record is emitted before it is taken, by the watermark that the record came
 * with: so batches may be cut anywhere and change nothing.
 */
export function operate(parts: OperatorParts): Processor {
  const work = new Work(parts)
  return {
    delay: parts.lateness,
    process: (batch, out) => work.goOn(batch.records, undefined, out),
    wakeAt: () => (work.due === Number.POSITIVE_INFINITY ? {} : { event: work.due }),
    wake: (time: Wake, out) => (time.kind === 'event' ? work.goOn([], time.watermark, out) : undefined),
  }
}

class Work {
  readonly #parts: OperatorParts
  /** The next record of the batch. */
  #next = 0
  /** What is due and has not been emitted yet. */
  #closings: Iterator<Closing, void> | undefined
  /** The next of them, seen already: what came before it is gone from the rows. */
  #ahead: IteratorResult<Closing, void> | undefined
  /** The end of the window whose results are being ranked. */
  #ranked: number | undefined
  #dropped = 0

  constructor(parts: OperatorParts) {
    this.#parts = parts
  }

  get due(): number {
    return this.#parts.windows.due
  }

  /** Takes the records and emits what is due before each, and, at their end, what is due at `watermark`. */
  goOn(records: readonly StreamRecord[], watermark: number | undefined, out: Output): Processed | Promise<Processed> {
    for (;;) {
      const step = this.#step(records, watermark, out)
      if (step instanceof Promise) return this.#goOnLater(step, records, watermark, out)
      if (step !== 'next') return this.#stop(step)
    }
  }

  async #goOnLater(
    pending: Promise<void>,
    records: readonly StreamRecord[],
    watermark: number | undefined,
    out: Output,
  ): Promise<Processed> {
    await pending
    for (;;) {
      const step = this.#step(records, watermark, out)
      if (step instanceof Promise) await step
      else if (step !== 'next') return this.#stop(step)
    }
  }

  #stop(step: 'more' | 'done'): Processed {
    if (step === 'more') return 'more'
    this.#next = 0
    if (this.#dropped > 0) this.#parts.metrics.count('dropped', this.#dropped)
    this.#dropped = 0
    return undefined
  }

  /** One result, or one record. */
  #step(
    records: readonly StreamRecord[],
    watermark: number | undefined,
    out: Output,
  ): 'next' | 'more' | 'done' | Promise<void> {
    if (this.#closings !== undefined) return this.#emitNext(this.#closings, out)
    const record = records[this.#next]
    const now = record === undefined ? (watermark ?? Number.NEGATIVE_INFINITY) : out.watermark(record)
    if (this.#parts.windows.isDue(now)) {
      this.#closings = this.#parts.windows.close(now)
      return 'next'
    }
    if (record === undefined) return 'done'
    this.#next += 1
    return this.#take(record, now, out) ?? 'next'
  }

  #emitNext(closings: Iterator<Closing, void>, out: Output): 'next' | 'more' | Promise<void> {
    // Looked at before there is a pause: a cut in it must not find what has been emitted in the rows still.
    this.#ahead ??= closings.next()
    const { done, value } = this.#ahead
    if (this.#ranked !== undefined && value?.end !== this.#ranked) this.#emitRanked(out)
    // Those of a window leave together: in a pause nothing would know any more what the half of them was.
    if (out.full && this.#ranked === undefined) return 'more'
    this.#ahead = undefined
    if (done) {
      this.#closings = undefined
      return 'next'
    }
    if (this.#parts.ranking !== undefined) this.#ranked = value.end
    const result = this.#parts.resultOf(value)
    return (result instanceof Promise ? this.#emitLater(result, out) : this.#emit(result, out)) ?? 'next'
  }

  #emitRanked(out: Output): void {
    for (const result of this.#parts.ranking?.take() ?? []) out.emit(result)
    this.#ranked = undefined
  }

  async #emitLater(pending: Promise<Result>, out: Output): Promise<void> {
    await this.#emit(await pending, out)
  }

  #emit({ record, error }: Result, out: Output): void | Promise<void> {
    if (error !== undefined) return out.fail(record, error)
    const { having } = this.#parts
    if (having === undefined) return this.#leave(record, out)
    return evaluateInto(having, record, out, (answer) => {
      if (isTrue(answer)) this.#leave(record, out)
      else this.#dropped += 1
    })
  }

  #leave(record: StreamRecord, out: Output): void {
    const { ranking } = this.#parts
    if (ranking === undefined) out.emit(record)
    else this.#dropped += ranking.add(record)
  }

  #take(record: StreamRecord, watermark: number, out: Output): void | Promise<void> {
    try {
      const counts = this.#parts.reader.read(record)
      if (typeof counts === 'boolean') this.#add(counts, record, watermark, out)
      else return this.#addLater(counts, record, watermark, out)
    } catch (error) {
      refuse(record, error, out)
    }
    return undefined
  }

  async #addLater(pending: Promise<boolean>, record: StreamRecord, watermark: number, out: Output): Promise<void> {
    try {
      this.#add(await pending, record, watermark, out)
    } catch (error) {
      refuse(record, error, out)
    }
  }

  #add(counts: boolean, record: StreamRecord, watermark: number, out: Output): void {
    if (!counts) {
      this.#dropped += 1
      return
    }
    const { reader, windows, rows } = this.#parts
    const { timestamp } = record
    const row = windows.place(reader.key, timestamp, watermark)
    if (row === LATE) out.emit(record, 'late', tooLate())
    else if (row === FULL) {
      throw new RecordError('SR_STATE_FULL', 'the open windows have as many keys, or take as much memory, as they may')
    } else {
      reader.addTo(rows, row, record)
      windows.taken(row, timestamp, watermark)
    }
  }
}

/** A record that the work refuses is failed; anything else that is thrown is a defect. */
function refuse(record: StreamRecord, error: unknown, out: Output): void {
  if (!(error instanceof RecordError)) throw error
  out.fail(record, error)
}

function tooLate(): RecordError {
  return new RecordError('SR_LATE', 'every window that could have taken it is closed')
}
