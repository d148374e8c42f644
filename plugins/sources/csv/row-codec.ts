import {
  csv,
  type Decoder,
  type Json,
  type JsonObject,
  RecordError,
  Scratch,
  type Slices,
} from '../../../engine/plugin.ts'
import { JsonLines } from './json-lines.ts'
import type { CsvSourceOptions } from './options.ts'
import { RowJson } from './row-json.ts'
import { RowMaker } from './row-maker.ts'
import { jsonEnd } from './typed-bytes.ts'
import type { Column, TypeOfValues } from './types.ts'

/**
 * The rows of a file as bytes, with the names and types of its columns. Whether a row is good, its value, and its JSON
 * text agree in all: where the bytes are not plain enough to do without the value, it is made.
 */
export class RowCodec implements Decoder {
  readonly name = undefined
  /** Fields that no column had, let go in the rows that were checked since this was set to 0. */
  dropped = 0
  readonly #maker: RowMaker
  readonly #json: RowJson
  readonly #places: csv.FieldPlaces
  readonly #quote: string
  readonly #dropsExtra: boolean
  readonly #width: number
  readonly #typed: readonly { readonly index: number; readonly type: TypeOfValues }[]
  readonly #isInOrder: boolean

  constructor(names: readonly string[], options: CsvSourceOptions) {
    const columns = names.map((name): Column => ({ name, type: options.columns?.get(name) ?? 'string' }))
    this.#maker = new RowMaker(columns, options)
    this.#json = new RowJson(columns, options.csv.quote)
    this.#places = new csv.FieldPlaces(options.csv, names.length)
    this.#quote = options.csv.quote
    this.#dropsExtra = options.ragged === 'drop-extra'
    this.#width = names.length
    this.#typed = columns.flatMap(({ type }, index) => (type === 'string' ? [] : [{ index, type }]))
    this.#isInOrder = isInOrder(names)
  }

  /** Why the row `data[start .. end]`, which is UTF-8, has no value; undefined when it has one. */
  check(data: Buffer, start: number, end: number): RecordError | undefined {
    const extra = this.#places.find(data, start, end) - this.#width
    if (extra === 0 && this.#isTyped(data)) return undefined
    const made = this.#make(data, start, end)
    if (made instanceof RecordError) return made
    if (extra > 0 && this.#dropsExtra) this.dropped += extra
    return undefined
  }

  decode(data: Buffer, start: number, end: number): Json {
    const made = this.#make(data, start, end)
    if (made instanceof RecordError) throw made
    return made
  }

  toJson({ data, starts, ends, count }: Slices, scratch: Scratch = new Scratch()): Slices {
    const bytes = count === 0 ? 0 : (ends[count - 1] as number) - (starts[0] as number)
    const lines = new JsonLines(data, count, this.#json.sizeOf(count, bytes), scratch)
    for (let index = 0; index < count; index++) {
      const start = starts[index] as number
      const end = ends[index] as number
      const isPlain = this.#isInOrder && this.#places.find(data, start, end) === this.#width
      if (isPlain) this.#json.write(data, start, end, this.#places, lines)
      else lines.addLine(JSON.stringify(this.decode(data, start, end)))
    }
    return lines.end()
  }

  /** The fields that were found can be read as their types from their bytes alone. */
  #isTyped(data: Buffer): boolean {
    const { starts, ends } = this.#places
    for (const { index, type } of this.#typed) {
      const start = starts[index] as number
      const end = ends[index] as number
      if (start < end && jsonEnd(type, data, start, end) < 0) return false
    }
    return true
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
