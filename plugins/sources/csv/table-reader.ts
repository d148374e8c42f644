import { type Batch, type Failure, framesBatch, type SourceBatch, type SourceContext } from '../../../engine/plugin.ts'
import type { Chunk, InputFile } from './input-file.ts'
import { skipLine } from './long-row.ts'
import type { CsvSourceOptions } from './options.ts'
import { BEGINNING, type Place, type Position, placeBehind } from './position.ts'
import { RowCodec } from './row-codec.ts'
import { RowTaker, type Taken } from './row-taker.ts'
import { PacedRows, type RowPlaces, type Rows } from './rows.ts'
import { readTable, type Table } from './table.ts'

export type CsvBatch = SourceBatch<Position>

/** What `limit` and `pace` count: the rows of all files together, also those of earlier runs. */
export interface Tally {
  rows: number
}

/** Bytes and rows of one batch at most. */
const CHUNK_BYTES = 256 * 1024
const MOST_ROWS = 8192

export interface TableReaderParts {
  readonly file: InputFile
  /** Undefined: the file is empty. */
  readonly table: Table | undefined
  readonly options: CsvSourceOptions
  readonly context: SourceContext<Position>
  readonly tally: Tally
  /** The partition was made known already: it is to be told when nothing follows in it. */
  readonly announced: boolean
}

/** Reads a file from where it was left to its end, over and over with `repeat`. */
export class TableReader {
  readonly #file: InputFile
  readonly #table: Table | undefined
  readonly #options: CsvSourceOptions
  readonly #context: SourceContext<Position>
  readonly #codec: RowCodec
  readonly #taker: RowTaker
  readonly #stop: AbortSignal
  /** Rows of a paced batch; 0 without a pace. */
  readonly #pace: number
  readonly #tally: Tally
  #place: Place
  #rows = 0
  /** `#rows` when the file was last begun anew. */
  #begunAt: number | undefined
  #ended = false
  /** The last batch did not say `caughtUp`. */
  #behind: boolean

  constructor({ file, table, options, context, tally, announced }: TableReaderParts) {
    const { names = [], start = BEGINNING } = table ?? {}
    this.#file = file
    this.#table = table
    this.#options = options
    this.#context = context
    this.#codec = new RowCodec(names, options)
    this.#taker = new RowTaker(this.#codec, options.csv, options.max_record_bytes)
    this.#stop = AbortSignal.any([context.stopping, context.signal])
    this.#pace = paceOf(options)
    this.#tally = tally
    this.#place = start
    this.#behind = announced
  }

  /** How many bytes of the file were read. */
  get offset(): number {
    return this.#place.offset
  }

  async *batches(): AsyncGenerator<CsvBatch, void, undefined> {
    await this.#resume()
    while (!this.#ended && !this.#stop.aborted) {
      const batch = this.#room === 0 ? this.#end() : await this.#next()
      if (batch === undefined || this.#stop.aborted) return
      this.#behind = true
      yield batch
    }
  }

  async #resume(): Promise<void> {
    const position = await this.#context.resume(this.#file.path)
    // Nothing was read: the file may have been empty.
    if (position === undefined || position.offset === 0) return
    if (this.#table?.header !== position.header) throw this.#file.changed('has another header than when it was read')
    const { header, rows, ...place } = position
    this.#place = place
    this.#rows = rows
  }

  /** How many rows the next batch may have. */
  get #room(): number {
    const left = (this.#options.limit ?? Number.POSITIVE_INFINITY) - this.#tally.rows
    const pace = this.#pace === 0 ? MOST_ROWS : this.#pace - (this.#tally.rows % this.#pace)
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
      const rows = this.#rowsHere()
      const taken = this.#taker.take(chunk, rows, this.#room)
      if (taken.bytes > 0) return this.#accept(taken, chunk, rows)
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

  #rowsHere(): Rows {
    const { id, clock } = this.#context
    const { offset, line } = this.#place
    const shared = { component: id, partition: this.#file.path, timestamp: clock.now(), pace: this.#pace }
    return { ...shared, offset, line, rows: this.#tally.rows }
  }

  #accept({ places, failed, bytes, lines }: Taken, { data, final }: Chunk, rows: Rows): CsvBatch {
    this.#countDropped()
    this.#move(placeBehind(this.#place, data, bytes, lines), places.count + failed.length)
    if (final && bytes === data.length && !this.#options.repeat) this.#ended = true
    // Of a small part, a copy: a queue that counts its bytes would hold many times as much.
    const taken = 2 * bytes < data.buffer.byteLength ? Buffer.from(data.subarray(0, bytes)) : data
    return { ...this.#here(), records: this.#batchOf(taken, places, rows), failed }
  }

  #batchOf(data: Buffer, { starts, ends, lines, numbers, count }: RowPlaces, rows: Rows): Batch {
    const { component, partition, timestamp, offset, line } = rows
    const places = { starts, ends, lines, count, base: { offset, line } }
    const shared = { data, codec: this.#codec, component, partition, timestamp }
    if (this.#pace === 0) return framesBatch({ ...places, ...shared })
    const attributes = new PacedRows(rows, { starts, lines, numbers })
    return framesBatch({ ...places, ...shared, attributes, lines: Uint32Array.from(starts.keys()) })
  }

  async #skip(): Promise<CsvBatch> {
    const { max_record_bytes: longest } = this.#options
    const rows = this.#rowsHere()
    const skipped = await skipLine(this.#file, this.#place, { rows, longest, width: CHUNK_BYTES })
    this.#move(skipped.behind, 1)
    const failed: Failure[] = [skipped.failure]
    return { ...this.#here(), failed }
  }

  #countDropped(): void {
    if (this.#codec.dropped > 0) this.#context.metrics.count('dropped_fields', this.#codec.dropped)
    this.#codec.dropped = 0
  }

  #move(place: Place, rows: number): void {
    this.#place = place
    this.#rows += rows
    this.#tally.rows += rows
    if (this.#tally.rows === this.#options.limit) this.#ended = true
  }

  #end(): CsvBatch | undefined {
    this.#ended = true
    return this.#behind ? this.#here() : undefined
  }

  #here(): Pick<CsvBatch, 'partition' | 'position' | 'caughtUp' | 'ended'> {
    const position = { ...this.#place, header: this.#table?.header ?? 0, rows: this.#rows }
    return { partition: this.#file.path, position, caughtUp: this.#ended, ended: this.#ended }
  }
}

/** How many rows make a batch of `pace`; 0 without one. */
export function paceOf({ pace: { every, records = 1 } }: CsvSourceOptions): number {
  return every === undefined ? 0 : records
}
