import { type Batch, type Failure, framesBatch, type SourceBatch, type SourceContext } from '../../../engine/plugin.ts'
import type { MemoryPool } from '../../shared/memory-pool.ts'
import type { Chunk, InputFile } from './input-file.ts'
import { skipLine } from './long-row.ts'
import type { CsvSourceOptions } from './options.ts'
import { BEGINNING, MOST_PROOF, type Place, type Position, placeBehind } from './position.ts'
import { RowCodec } from './row-codec.ts'
import type { RowPlaces } from './row-places.ts'
import { RowTaker, type Taken } from './row-taker.ts'
import { PacedRows, type Rows } from './rows.ts'
import { readTable, type Table } from './table.ts'
import { type Workspace, workspacePool } from './workspace.ts'

export type CsvBatch = SourceBatch<Position>

/** What `limit` and `pace` count: the rows of all files together, also those of earlier runs. */
export interface Tally {
  rows: number
}

/** Bytes and rows of one batch at most. */
const CHUNK_BYTES = 1024 * 1024
const MOST_ROWS = 8192
/** What is read at least: a paced batch needs little of the file. */
const LEAST_BYTES = 16 * 1024

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
  readonly #pool: MemoryPool<Workspace>
  readonly #stop: AbortSignal
  /** Rows of a paced batch; 0 without a pace. */
  readonly #pace: number
  readonly #tally: Tally
  #place: Place
  /** How much to read for the next batch. */
  #width: number
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
    this.#pool = workspacePool(MOST_PROOF + CHUNK_BYTES, this.#codec.noteWidth)
    this.#stop = AbortSignal.any([context.stopping, context.signal])
    this.#pace = paceOf(options)
    this.#width = this.#pace === 0 ? CHUNK_BYTES : LEAST_BYTES
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
    for (;;) {
      const workspace = this.#pool.take(MOST_PROOF + this.#width)
      workspace.places.clear()
      const chunk = await this.#file.read(this.#place, this.#width, workspace.data)
      const rows = this.#rowsHere()
      const taken = this.#taker.take(chunk, rows, this.#room, workspace.places)
      if (taken.bytes > 0) return this.#accept(taken, chunk, rows, workspace)
      this.#pool.give(workspace)
      if (taken.stopped === 'long') return this.#skip()
      if (chunk.data.length > 0) this.#width *= 2
      else {
        if (this.#begunAt === this.#rows || !this.#options.repeat) return this.#end()
        await this.#startOver(this.#table)
      }
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

  #accept({ failed, bytes, lines }: Taken, { data, final }: Chunk, rows: Rows, workspace: Workspace): CsvBatch {
    const { places } = workspace
    this.#countDropped()
    this.#move(placeBehind(this.#place, data, bytes, lines), places.count + failed.length)
    if (final && bytes === data.length && !this.#options.repeat) this.#ended = true
    // Where rows are counted, what they took says about how much the next ones will.
    this.#width = Math.min(CHUNK_BYTES, Math.max(LEAST_BYTES, bytes + (bytes >> 2)))
    if (2 * bytes >= workspace.data.length) {
      const release = () => this.#pool.give(workspace)
      return { ...this.#here(), records: this.#batchOf(data, places, rows), failed, release }
    }
    // Of a small part, a copy: a queue that counts its bytes would hold many times as much.
    const copied = this.#batchOf(Buffer.from(data.subarray(0, bytes)), places.copy(), rows)
    this.#pool.give(workspace)
    return { ...this.#here(), records: copied, failed }
  }

  #batchOf(data: Buffer, checked: RowPlaces, rows: Rows): Batch {
    const { starts, ends, lines, numbers, count } = checked
    const { component, partition, timestamp, offset, line } = rows
    const places = { starts, ends, lines, count, base: { offset, line } }
    const shared = { data, codec: this.#codec.decoderOf(checked), component, partition, timestamp }
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
