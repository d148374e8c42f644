import {
  csv,
  type Decoder,
  type Json,
  type JsonObject,
  RecordError,
  Scratch,
  type Slices,
} from '../../../engine/plugin.ts'
import { FieldNotes, FURTHEST, UNKNOWN } from './field-notes.ts'
import { JsonLines } from './json-lines.ts'
import type { CsvSourceOptions } from './options.ts'
import { RowJson } from './row-json.ts'
import { RowMaker } from './row-maker.ts'
import type { RowPlaces } from './row-places.ts'
import type { Column } from './types.ts'

/**
 * The rows of a file as bytes, with the names and types of its columns. Whether a row is good, its value, and its JSON
 * text agree in all: where the bytes are not plain enough to do without the value, it is made.
 */
export class RowCodec {
  /** Fields that no column had, let go in the rows that were checked since this was set to 0. */
  dropped = 0
  readonly #maker: RowMaker
  readonly #json: RowJson
  readonly #places: csv.FieldPlaces
  readonly #notes: FieldNotes
  readonly #quote: string
  readonly #dropsExtra: boolean
  readonly #width: number
  readonly #isInOrder: boolean

  constructor(names: readonly string[], options: CsvSourceOptions) {
    const columns = names.map((name): Column => ({ name, type: options.columns?.get(name) ?? 'string' }))
    this.#maker = new RowMaker(columns, options)
    this.#json = new RowJson(columns, options.csv.quote)
    this.#places = new csv.FieldPlaces(options.csv, names.length)
    this.#notes = new FieldNotes(columns, options.csv)
    this.#quote = options.csv.quote
    this.#dropsExtra = options.ragged === 'drop-extra'
    this.#width = names.length
    this.#isInOrder = isInOrder(names)
  }

  /** The width of the `RowPlaces` that rows are checked with. */
  get noteWidth(): number {
    return this.#notes.width
  }

  /**
   * Why the row `data[start .. end]`, which is UTF-8, has no value; undefined when it has one, and may be added to
   * `rows`, where its fields are noted. `isPlain`: there are no quotes in it.
   */
  check(data: Buffer, start: number, end: number, isPlain: boolean, rows: RowPlaces): RecordError | undefined {
    const at = rows.next
    const { notes } = rows
    const extra = this.#notes.find(data, start, end, isPlain, notes, at) - this.#width
    if (extra === 0 && end - start <= FURTHEST && this.#notes.readTypes(data, start, notes, at)) return undefined
    notes[at] = UNKNOWN
    const made = this.#make(data, start, end)
    if (made instanceof RecordError) return made
    if (extra > 0 && this.#dropsExtra) this.dropped += extra
    return undefined
  }

  /** Reads the rows that were checked with these places. */
  decoderOf(rows: RowPlaces): Decoder {
    return {
      name: undefined,
      decode: (data, start, end) => this.decode(data, start, end),
      toJson: (slices, scratch) => this.#toJson(slices, rows, scratch ?? new Scratch()),
    }
  }

  decode(data: Buffer, start: number, end: number): Json {
    const made = this.#make(data, start, end)
    if (made instanceof RecordError) throw made
    return made
  }

  #toJson({ data, starts, ends, count }: Slices, rows: RowPlaces, scratch: Scratch): Slices {
    const bytes = count === 0 ? 0 : (ends[count - 1] as number) - (starts[0] as number)
    const lines = new JsonLines(data, count, this.#json.sizeOf(count, bytes), scratch)
    let row = 0
    for (let index = 0; index < count; index++) {
      const start = starts[index] as number
      const end = ends[index] as number
      // Some may have been left out since they were checked.
      while ((rows.starts[row] as number) < start) row++
      const at = row * rows.width
      const isKnown = this.#isInOrder && rows.starts[row] === start && rows.notes[at] !== UNKNOWN
      if (isKnown) this.#json.writeNoted(start, end, rows.notes, at, lines)
      else this.#write(data, start, end, lines)
    }
    return lines.end()
  }

  #write(data: Buffer, start: number, end: number, lines: JsonLines): void {
    const isPlain = this.#isInOrder && this.#places.find(data, start, end) === this.#width
    if (isPlain) this.#json.write(data, start, end, this.#places, lines)
    else lines.addLine(JSON.stringify(this.decode(data, start, end)))
  }

  #make(data: Buffer, start: number, end: number): JsonObject | RecordError {
    const row = data.toString('utf8', start, end)
    return this.#maker.make(row, row.includes(this.#quote) ? 'quoted' : 'plain')
  }
}

/** Else the members of an object stand in another order than its fields: names like `7` come first. */
function isInOrder(names: readonly string[]): boolean {
  return !names.some((name) => /^[0-9]+$/.test(name))
}
