import { type Source, type SourceContext, sleep } from '../../../engine/plugin.ts'
import type { TableFile } from './find-tables.ts'
import { InputFile } from './input-file.ts'
import type { CsvSourceOptions } from './options.ts'
import { BEGINNING, type Position } from './position.ts'
import { readTable } from './table.ts'
import { type CsvBatch, paceOf, TableReader, type Tally } from './table-reader.ts'

/** Reads one file after the other to its end. Only the one that is being read is open. */
export class Reader implements Source<Position> {
  readonly #files: readonly TableFile[]
  readonly #options: CsvSourceOptions
  readonly #context: SourceContext<Position>
  readonly #stop: AbortSignal
  readonly #tally: Tally
  /** The rows of all files at the last wait. */
  #waitedAt: number
  #open: { readonly file: InputFile; readonly table: TableReader } | undefined
  /** Of the files that were read to their end. */
  #bytesBehind = 0

  /** Opens the first of the files, so that what is wrong with it is told at the start. */
  static async open(
    files: readonly TableFile[],
    options: CsvSourceOptions,
    context: SourceContext<Position>,
  ): Promise<Reader> {
    const reader = new Reader(files, options, context)
    const [first] = files
    if (first !== undefined) await reader.#begin(first)
    return reader
  }

  private constructor(files: readonly TableFile[], options: CsvSourceOptions, context: SourceContext<Position>) {
    this.#files = files
    this.#options = options
    this.#context = context
    this.#stop = AbortSignal.any([context.stopping, context.signal])
    this.#tally = { rows: [...context.committed().values()].reduce((sum, { rows }) => sum + rows, 0) }
    this.#waitedAt = this.#tally.rows
  }

  async *batches(): AsyncGenerator<CsvBatch, void, undefined> {
    if (this.#isOneOfMany) yield* this.#announce()
    for (const [index, file] of this.#files.entries()) {
      const { table } = this.#open ?? (await this.#begin(file))
      for await (const batch of table.batches()) {
        yield batch
        const isLast = batch.ended === true && (index === this.#files.length - 1 || this.#isFull)
        if (!isLast) await this.#waitIfDue()
      }
      if (this.#stop.aborted || this.#isFull) return
      this.#bytesBehind += file.size
      await this.close()
    }
  }

  progress(): number | undefined {
    const { limit, repeat } = this.#options
    const bytes = this.#files.reduce((sum, { size }) => sum + size, 0)
    const ofRows = limit === undefined ? undefined : this.#tally.rows / Math.max(1, limit)
    const read = this.#bytesBehind + (this.#open?.table.offset ?? 0)
    const ofBytes = repeat ? undefined : read / Math.max(1, bytes)
    // Whichever comes first ends it.
    return ofRows === undefined && ofBytes === undefined ? undefined : Math.min(1, Math.max(ofRows ?? 0, ofBytes ?? 0))
  }

  async close(): Promise<void> {
    const { file } = this.#open ?? {}
    this.#open = undefined
    await file?.close()
  }

  get #isOneOfMany(): boolean {
    return this.#files.length > 1
  }

  get #isFull(): boolean {
    return this.#tally.rows === this.#options.limit
  }

  /** All that are to be read, before anything of them is: time waits for a file that is known. */
  *#announce(): Generator<CsvBatch> {
    const committed = this.#context.committed()
    const beginning: Position = { ...BEGINNING, header: 0, rows: 0 }
    for (const { path: partition } of this.#files) {
      yield { partition, position: committed.get(partition) ?? beginning, caughtUp: false }
    }
  }

  async #begin({ path }: TableFile): Promise<{ readonly file: InputFile; readonly table: TableReader }> {
    const file = await InputFile.open(path, this.#context.storage)
    try {
      const table = await readTable(file, this.#options)
      const renamed = table?.renamed ?? []
      if (renamed.length > 0) {
        this.#context.log.warn(`${path} has columns without a name of their own: they are called ${renamed.join(', ')}`)
      }
      const shared = { options: this.#options, context: this.#context, tally: this.#tally }
      this.#open = { file, table: new TableReader({ file, table, ...shared, announced: this.#isOneOfMany }) }
      return this.#open
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** From now on, not from when it was due: what was slow is not made up for. */
  async #waitIfDue(): Promise<void> {
    const { every } = this.#options.pace
    const { rows } = this.#tally
    if (!every || rows === this.#waitedAt || rows % paceOf(this.#options) !== 0) return
    this.#waitedAt = rows
    await sleep(this.#context.clock, every, this.#stop)
  }
}
