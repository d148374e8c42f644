import { type Batch, framesBatch, recordsBatch } from '../batch.ts'
import { RecordError } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import { type DecodedFrames, frameTime, type Json, type StreamRecord, withTimestamp } from '../record.ts'
import type { TimeFormat } from './format.ts'

/** Records with their times, in the same order, and those that have none that can be taken. */
export interface TimedBatch {
  readonly batch: Batch
  readonly times: Float64Array
  readonly refused: readonly { readonly record: StreamRecord; readonly error: RecordError }[]
}

/** Gives the records of a batch their times; a promise only where the expression needs one. */
export type ReadTimes = (batch: Batch) => TimedBatch | Promise<TimedBatch>

export interface TimeSettings {
  /** Where in a record its time stands, and how it is written; undefined: the record knows it. */
  readonly from: Expression | undefined
  readonly format: TimeFormat
  /** Milliseconds that a record may be ahead of the wall clock. */
  readonly maxFuture: number
  readonly now: () => number
}

/** Times of events: a record without one, or with one too far ahead, is refused. Its value is parsed once, for all. */
export function eventTimes(settings: TimeSettings): ReadTimes {
  return (batch) => new Reading(settings, batch).read()
}

/** Times of arrival. `floor` is what the clock has closed: nothing arrives before that, wherever the clock was set to. */
export function arrivalTimes(batch: Batch, floor: number): TimedBatch {
  const { frames } = batch
  if (frames !== undefined) {
    const timestamp = Math.max(floor, frames.timestamp)
    const raised = timestamp === frames.timestamp ? batch : framesBatch({ ...frames, timestamp })
    return { batch: raised, times: new Float64Array(batch.size).fill(timestamp), refused: [] }
  }
  const isRaised = batch.records.some(({ timestamp }) => timestamp < floor)
  const raise = (record: StreamRecord) => (record.timestamp < floor ? withTimestamp(record, floor) : record)
  const raised = isRaised ? recordsBatch(batch.records.map(raise)) : batch
  return { batch: raised, times: Float64Array.from(raised.records, ({ timestamp }) => timestamp), refused: [] }
}

/** One batch that is given its times. */
class Reading {
  readonly #settings: TimeSettings
  readonly #batch: Batch
  /** Of each record that came; those of frames are what the records themselves look at. */
  readonly #times: Float64Array
  readonly #latest: number
  readonly #taken: StreamRecord[] = []
  readonly #takenTimes: number[] = []
  readonly #refused: { record: StreamRecord; error: RecordError }[] = []

  constructor(settings: TimeSettings, batch: Batch) {
    this.#settings = settings
    this.#latest = settings.now() + settings.maxFuture
    const { frames } = batch
    this.#times = frames === undefined ? new Float64Array(0) : knownTimes(frames)
    const isRead = frames !== undefined && settings.from !== undefined
    this.#batch = isRead ? framesBatch({ ...frames, times: this.#times }) : batch
  }

  read(): TimedBatch | Promise<TimedBatch> {
    const { from } = this.#settings
    return from === undefined ? this.#readKnown() : this.#readFrom(from, 0)
  }

  #readKnown(): TimedBatch {
    for (const record of this.#batch.records) {
      try {
        this.#take(record, record.timestamp)
      } catch (error) {
        this.#refuse(record, error)
      }
    }
    return this.#done()
  }

  #readFrom(from: Expression, first: number): TimedBatch | Promise<TimedBatch> {
    const { records } = this.#batch
    for (let index = first; index < records.length; index++) {
      const record = records[index] as StreamRecord
      try {
        const value = from.evaluate(record)
        if (value instanceof Promise) return this.#readOn(from, index, value)
        this.#takeValue(record, index, value)
      } catch (error) {
        this.#refuse(record, error)
      }
    }
    return this.#done()
  }

  /** Record `index` needs the interpreter; those behind it may need none. */
  async #readOn(from: Expression, index: number, pending: Promise<Json | undefined>): Promise<TimedBatch> {
    const record = this.#batch.records[index] as StreamRecord
    try {
      this.#takeValue(record, index, await pending)
    } catch (error) {
      this.#refuse(record, error)
    }
    return this.#readFrom(from, index + 1)
  }

  #takeValue(record: StreamRecord, index: number, value: Json | undefined): void {
    if (value === undefined) throw new RecordError('SR_TIME_MISSING', 'the record has no time')
    const time = this.#settings.format.parse(value)
    if (time === undefined) throw new RecordError('SR_TIME_UNREADABLE', 'its time is not written as the format says')
    const isFramed = this.#batch.frames !== undefined
    if (isFramed) this.#times[index] = time
    this.#take(isFramed ? record : withTimestamp(record, time), time)
  }

  #take(record: StreamRecord, time: number): void {
    if (time > this.#latest)
      throw new RecordError('SR_TIME_FUTURE', 'its time is further ahead of the clock than max_future')
    this.#taken.push(record)
    this.#takenTimes.push(time)
  }

  #refuse(record: StreamRecord, error: unknown): void {
    if (!(error instanceof RecordError)) throw error
    this.#refused.push({ record, error })
  }

  /** What came as bytes, and lost nobody, still is bytes. */
  #done(): TimedBatch {
    const isWhole = this.#refused.length === 0 && this.#batch.frames !== undefined
    return {
      batch: isWhole ? this.#batch : recordsBatch(this.#taken),
      times: Float64Array.from(this.#takenTimes),
      refused: this.#refused,
    }
  }
}

function knownTimes(frames: DecodedFrames): Float64Array {
  const times = new Float64Array(frames.count)
  for (let index = 0; index < frames.count; index++) times[index] = frameTime(frames, index)
  return times
}
