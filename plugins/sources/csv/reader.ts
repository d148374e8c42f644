import {
  type Batch,
  type Failure,
  type Source,
  type SourceBatch,
  type SourceContext,
  sleep,
} from '../../../engine/plugin.ts'
import type { Chunk, InputFile } from './input-file.ts'
import { skipLine } from './long-row.ts'
import type { CsvSourceOptions } from './options.ts'
import { BEGINNING, type Place, type Position, placeBehind } from './position.ts'
import type { Rows } from './record.ts'
import { RowMaker } from './row-maker.ts'
import { RowTaker, type Taken } from './row-taker.ts'
import { readTable, type Table } from './table.ts'

type CsvBatch = SourceBatch<Position>

/** Bytes and rows of one batch at most. */
const CHUNK_BYTES = 256 * 1024
const MOST_ROWS = 8192

/** Reads the file from where it was left to its end, over and over with `repeat`. */
export class Reader implements Source<Position> {
  readonly #file: InputFile
  readonly #table: Table | undefined
  readonly #options: CsvSourceOptions
  readonly #context: SourceContext<Position>
  readonly #maker: RowMaker
  readonly #taker: RowTaker
  readonly #stop: AbortSignal
  /** Rows of a paced batch; 0 without a pace. */
  readonly #pace: number
  #place: Place
  #rows = 0
  /** `#rows` at the last wait, and when the file was last begun anew. */
  #waitedAt = 0
  #begunAt: number | undefined
  #ended = false
  /** The last batch did not say `caughtUp`. */
  #behind = false

  constructor(file: InputFile, table: Table | undefined, options: CsvSourceOptions, context: SourceContext<Position>) {
    const { names = [], start = BEGINNING } = table ?? {}
    this.#file = file
    this.#table = table
    this.#options = options
    this.#context = context
    this.#maker = new RowMaker(names, options)
    this.#taker = new RowTaker(this.#maker, options.csv, options.max_record_bytes)
    this.#stop = AbortSignal.any([context.stopping, context.signal])
    this.#pace = options.pace.every === undefined ? 0 : (options.pace.records ?? 1)
    this.#place = start
  }

  async *batches(): AsyncGenerator<CsvBatch, void, undefined> {
    await this.#resume()
    while (!this.#ended && !this.#stop.aborted) {
      const batch = this.#room === 0 ? this.#end() : await this.#next()
      if (batch === undefined || this.#stop.aborted) return
      this.#behind = true
      yield batch
      if (!this.#ended) await this.#waitIfDue()
    }
  }

  progress(): number | undefined {
    const { limit, repeat } = this.#options
    const ofRows = limit === undefined ? undefined : this.#rows / Math.max(1, limit)
    const ofBytes = repeat ? undefined : this.#place.offset / Math.max(1, this.#file.size)
    // Whichever comes first ends it.
    return ofRows === undefined && ofBytes === undefined ? undefined : Math.min(1, Math.max(ofRows ?? 0, ofBytes ?? 0))
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #resume(): Promise<void> {
    const position = await this.#context.resume(this.#file.path)
    // Nothing was read: the file may have been empty.
    if (position === undefined || position.offset === 0) return
    if (this.#table?.header !== position.header) throw this.#file.changed('has another header than when it was read')
    const { header, rows, ...place } = position
    this.#place = place
    this.#rows = rows
    this.#waitedAt = rows
  }

  /** How many rows the next batch may have. */
  get #room(): number {
    const left = (this.#options.limit ?? Number.POSITIVE_INFINITY) - this.#rows
    const pace = this.#pace === 0 ? MOST_ROWS : this.#pace - (this.#rows % this.#pace)
    return Math.max(0, Math.min(MOST_ROWS, left, pace))
  }

  async #next(): Promise<CsvBatch | undefined> {
    if (this.#table === undefined) return this.#end()
    // A paced batch needs little of the file.
    for (let width = this.#pace === 0 ? CHUNK_BYTES : CHUNK_BYTES / 16; ; ) {
      const chunk = await this.#file.read(this.#place, width)
      if (chunk.data.length === 0) {
        if (this.#begunAt === this.#rows || !this.#options.repeat) return this.#end()
        await this.#startOver(this.#table)
        continue
      }
      const batch = this.#batchOf(chunk)
      const taken = this.#taker.take(chunk, batch, this.#room)
      if (taken.bytes > 0) return this.#accept(taken, chunk, batch)
      if (taken.stopped === 'long') return this.#skip()
      width *= 2
    }
  }

  /** A file that was written anew meanwhile may have other columns. */
  async #startOver(table: Table): Promise<void> {
    const again = await readTable(this.#file, this.#options)
    if (again?.header !== table.header) throw this.#file.changed('has another header than when it was read')
    this.#place = table.start
    this.#begunAt = this.#rows
  }

  #batchOf({ data }: Chunk): Rows {
    const { id, clock } = this.#context
    const { offset, line } = this.#place
    const shared = { component: id, partition: this.#file.path, timestamp: clock.now(), pace: this.#pace }
    return { ...shared, data, offset, line, rows: this.#rows }
  }

  #accept({ records, failed, bytes, lines }: Taken, { data, final }: Chunk, rows: Rows): CsvBatch {
    this.#countDropped()
    this.#move(placeBehind(this.#place, data, bytes, lines), records.length + failed.length)
    if (final && bytes === data.length && !this.#options.repeat) this.#ended = true
    // Of a small part, a copy: a queue that counts its bytes would hold many times as much.
    if (2 * bytes < data.buffer.byteLength) rows.data = Buffer.from(data.subarray(0, bytes))
    const batch: Batch = { size: records.length, bytes, records, frames: undefined }
    return { ...this.#here(), records: batch, failed }
  }

  async #skip(): Promise<CsvBatch> {
    const { max_record_bytes: longest } = this.#options
    const batch = this.#batchOf({ data: Buffer.alloc(0), final: false })
    const skipped = await skipLine(this.#file, this.#place, { batch, longest, width: CHUNK_BYTES })
    this.#move(skipped.behind, 1)
    const failed: Failure[] = [skipped.failure]
    return { ...this.#here(), failed }
  }

  #countDropped(): void {
    if (this.#maker.dropped > 0) this.#context.metrics.count('dropped_fields', this.#maker.dropped)
    this.#maker.dropped = 0
  }

  #move(place: Place, rows: number): void {
    this.#place = place
    this.#rows += rows
    if (this.#rows === this.#options.limit) this.#ended = true
  }

  #end(): CsvBatch | undefined {
    this.#ended = true
    return this.#behind ? this.#here() : undefined
  }

  #here(): Pick<CsvBatch, 'partition' | 'position' | 'caughtUp' | 'ended'> {
    const position = { ...this.#place, header: this.#table?.header ?? 0, rows: this.#rows }
    return { partition: this.#file.path, position, caughtUp: this.#ended, ended: this.#ended }
  }

  /** From now on, not from when it was due: what was slow is not made up for. */
  async #waitIfDue(): Promise<void> {
    const { every } = this.#options.pace
    if (!every || this.#rows === this.#waitedAt || this.#rows % this.#pace !== 0) return
    this.#waitedAt = this.#rows
    await sleep(this.#context.clock, every, this.#stop)
  }
}
