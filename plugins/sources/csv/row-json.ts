import type { csv } from '../../../engine/plugin.ts'
import { PLAIN } from './field-notes.ts'
import { type JsonLines, MOST_OF_A_BYTE, type Words, wordsOf } from './json-lines.ts'
import { jsonEnd } from './typed-bytes.ts'
import { type Column, READ_TYPED, type TypeOfValues } from './types.ts'

/** Writes rows as the JSON texts of their values, from field to field: no value is made but that of an odd number. */
export class RowJson {
  /** Bytes of a row beside those of its fields, at most. */
  readonly #frame: number
  /** What stands in front of each field, the end of the one before included. */
  readonly #fronts: readonly Front[]
  readonly #end: Words
  readonly #quote: number

  constructor(columns: readonly Column[], quote: string) {
    const closing = (index: number) => (columns[index]?.type === 'string' ? '"' : '')
    this.#fronts = columns.map(({ name, type }, index) => {
      const before = index === 0 ? '{' : `${closing(index - 1)},`
      return { type, front: wordsOf(`${before}${JSON.stringify(name)}:${closing(index)}`) }
    })
    this.#end = wordsOf(`${closing(columns.length - 1)}}`)
    this.#quote = quote.charCodeAt(0)
    this.#frame = this.#fronts.reduce((sum, { front }) => sum + front.length + NULL.length, this.#end.length)
  }

  /** About what so many rows take whose fields take so many bytes. */
  sizeOf(rows: number, bytes: number): number {
    return bytes + rows * this.#frame
  }

  /** The row `start .. end`, of which `notes` has KNOWN or PLAIN fields at `at`. */
  writeNoted(start: number, end: number, notes: Uint16Array, at: number, lines: JsonLines): void {
    const fronts = this.#fronts
    lines.makeRoom(this.#frame + MOST_OF_A_BYTE * (end - start))
    const isPlain = notes[at] === PLAIN
    for (let index = 0, entry = at + 1; index < fronts.length; index++, entry += 2) {
      const { type, front } = fronts[index] as Front
      lines.addWords(front)
      const from = start + (notes[entry] as number)
      const to = start + (notes[entry + 1] as number)
      if (type === 'string' && !isPlain) lines.addEscaped(from, to)
      else if (type !== 'string' && from === to) lines.addWords(NULL)
      else lines.addBytes(from, to, end)
    }
    lines.addWords(this.#end)
    lines.endLine()
  }

  /** The row `data[start .. end]`, which was checked, with as many fields as columns, as `places` has found them. */
  write(data: Buffer, start: number, end: number, places: csv.FieldPlaces, lines: JsonLines): void {
    const fronts = this.#fronts
    const { starts, ends, doubled } = places
    lines.makeRoom(this.#frame + MOST_OF_A_BYTE * (end - start))
    for (let index = 0; index < fronts.length; index++) {
      const { type, front } = fronts[index] as Front
      lines.addWords(front)
      const from = starts[index] as number
      const to = ends[index] as number
      if (type !== 'string') addTyped(type, data, from, to, end, lines)
      else if (doubled[index] === 1) lines.addUndoubled(from, to, this.#quote)
      else lines.addEscaped(from, to)
    }
    lines.addWords(this.#end)
    lines.endLine()
  }
}

interface Front {
  readonly type: Column['type']
  readonly front: Words
}

/** No number takes more than `MOST_OF_A_BYTE` for each byte that it is written with. */
function addTyped(
  type: TypeOfValues,
  data: Buffer,
  start: number,
  end: number,
  rowEnd: number,
  lines: JsonLines,
): void {
  const textEnd = start === end ? start : jsonEnd(type, data, start, end)
  if (textEnd === start) lines.addWords(NULL)
  else if (textEnd > start) lines.addBytes(start, textEnd, rowEnd)
  else lines.addText(JSON.stringify(READ_TYPED[type](data.toString('latin1', start, end))))
}

const NULL = wordsOf('null')
