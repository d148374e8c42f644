import { type Batch, framesBatch, recordsBatch } from '../batch.ts'
import { RecordError } from '../errors.ts'
import type { Expression } from '../expression/index.ts'
import { type DecodedFrames, frameTime } from '../frames.ts'
import { FramesContent } from '../frames-content.ts'
import { type Json, type StreamRecord, withTimestamp } from '../record.ts'
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
  /** Of frames whose times stand in a field that can be read as it is written, without making records. */
  readonly #content: FramesContent | undefined
  readonly #latest: number
  readonly #refused: { index: number; record: StreamRecord; error: RecordError }[] = []

  constructor(settings: TimeSettings, batch: Batch) {
    this.#settings = settings
    this.#latest = settings.now() + settings.maxFuture
    const { frames } = batch
    this.#times = knownTimes(batch)
    const isRead = frames !== undefined && settings.from !== undefined
    this.#batch = isRead ? framesBatch({ ...frames, times: this.#times }) : batch
    this.#content = frames && writtenContent(frames, settings)
  }

  read(): TimedBatch | Promise<TimedBatch> {
    const { from } = this.#settings
    return from === undefined ? this.#readKnown() : this.#readFrom(from, 0)
  }

  #readKnown(): TimedBatch {
    for (let index = 0; index < this.#times.length; index++) {
      try {
        this.#take(index, this.#times[index] as number)
      } catch (error) {
        this.#refuse(index, error)
      }
    }
    return this.#done()
  }

  #readFrom(from: Expression, first: number): TimedBatch | Promise<TimedBatch> {
    for (let index = first; index < this.#times.length; index++) {
      try {
        const time = this.#content && this.#asWritten(from, this.#content, index)
        const value = time === undefined ? from.evaluate(this.#batch.records[index] as StreamRecord) : undefined
        if (time !== undefined) this.#take(index, time)
        else if (value instanceof Promise) return this.#readOn(from, index, value)
        else this.#take(index, this.#timeOf(value))
      } catch (error) {
        this.#refuse(index, error)
      }
    }
    return this.#done()
  }

  /** Record `index` needs the interpreter; those behind it may need none. */
  async #readOn(from: Expression, index: number, pending: Promise<Json | undefined>): Promise<TimedBatch> {
    try {
      this.#take(index, this.#timeOf(await pending))
    } catch (error) {
      this.#refuse(index, error)
    }
    return this.#readFrom(from, index + 1)
  }

  /** The time in a field of bytes, for which nobody needs its text; undefined where somebody does. */
  #asWritten({ field }: Expression, content: FramesContent, index: number): number | undefined {
    const { parseBytes } = this.#settings.format
    return field && parseBytes && content.readText(index, field, parseBytes)
  }

  #timeOf(value: Json | undefined): number {
    if (value === undefined) throw new RecordError('SR_TIME_MISSING', 'the record has no time')
    const time = this.#settings.format.parse(value)
    if (time === undefined) throw new RecordError('SR_TIME_UNREADABLE', 'its time is not written as the format says')
    return time
  }

  #take(index: number, time: number): void {
    this.#times[index] = time
    if (time > this.#latest)
      throw new RecordError('SR_TIME_FUTURE', 'its time is further ahead of the clock than max_future')
  }

  #refuse(index: number, error: unknown): void {
    if (!(error instanceof RecordError)) throw error
    this.#refused.push({ index, record: this.#batch.records[index] as StreamRecord, error })
  }

  /** What came as bytes, and lost nobody, still is bytes. */
  #done(): TimedBatch {
    const isFramed = this.#batch.frames !== undefined
    if (this.#refused.length === 0 && isFramed) return { batch: this.#batch, times: this.#times, refused: [] }
    const lost = new Set(this.#refused.map(({ index }) => index))
    const isTimed = isFramed || this.#settings.from === undefined
    const taken = this.#batch.records.flatMap((record, index) =>
      lost.has(index) ? [] : isTimed ? record : withTimestamp(record, this.#times[index] as number),
    )
    const times = this.#times.filter((_, index) => !lost.has(index))
    return { batch: recordsBatch(taken), times, refused: this.#refused }
  }
}

/** Undefined where values have to be made for their times anyway. */
function writtenContent(frames: DecodedFrames, { from, format }: TimeSettings): FramesContent | undefined {
  const isWritten = from?.field !== undefined && format.parseBytes !== undefined
  return isWritten && frames.looks?.prefersWhole === false ? new FramesContent(frames) : undefined
}

function knownTimes(batch: Batch): Float64Array {
  const { frames, size } = batch
  // Of frames no record is made for it.
  if (frames === undefined) return Float64Array.from(batch.records, ({ timestamp }) => timestamp)
  const times = new Float64Array(size)
  if (frames.times === undefined && frames.attributes === undefined) return times.fill(frames.timestamp)
  for (let index = 0; index < size; index++) times[index] = frameTime(frames, index)
  return times
}
