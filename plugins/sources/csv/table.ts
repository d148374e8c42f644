import { isUtf8 } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { csv, didYouMean, StreamrunError } from '../../../engine/plugin.ts'
import { BYTE_ORDER_MARK, type InputFile } from './input-file.ts'
import type { CsvSourceOptions } from './options.ts'
import { BEGINNING, type Place, placeBehind } from './position.ts'

/** What the file says about its rows. */
export interface Table {
  readonly names: readonly string[]
  /** Says whether a later file has the same columns. */
  readonly header: number
  /** Where the first row begins. */
  readonly start: Place
  /** Names that were given to columns with an empty one or that of another column. */
  readonly renamed: readonly string[]
}

/** Undefined when the file is empty. */
export async function readTable(file: InputFile, options: CsvSourceOptions): Promise<Table | undefined> {
  const beginning = await behindMark(file)
  if (!options.header) {
    const names = [...(options.columns?.keys() ?? [])]
    return { names, header: crc32(JSON.stringify(names)), start: beginning, renamed: [] }
  }
  const row = await readFirstRow(file, beginning, options)
  if (row === undefined) return undefined
  const names = uniqueNames(row.fields)
  refuseUnusable(names, file, options)
  return { names, header: row.hash, start: row.behind, renamed: names.filter((name, at) => name !== row.fields[at]) }
}

async function behindMark(file: InputFile): Promise<Place> {
  const { data } = await file.read(BEGINNING, BYTE_ORDER_MARK.length)
  return data.equals(BYTE_ORDER_MARK) ? placeBehind(BEGINNING, data, data.length, 0) : BEGINNING
}

interface FirstRow {
  readonly fields: readonly string[]
  readonly hash: number
  readonly behind: Place
}

async function readFirstRow(file: InputFile, from: Place, options: CsvSourceOptions): Promise<FirstRow | undefined> {
  const scanner = new csv.RowScanner(options.csv, options.max_record_bytes)
  let place = from
  for (let width = FIRST_WIDTH; ; ) {
    const { data, final } = await file.read(place, width)
    if (data.length === 0) return undefined
    scanner.begin(data.toString('latin1'), final)
    const kind = scanner.scan(0)
    if (kind === 'partial') width *= 2
    else if (hasLoneReturn(data, kind === 'long' ? data.length : scanner.end, options.csv.quote)) {
      throw unusable(file, `holds carriage returns (CR) that no line feed follows; ${CURE}`)
    } else if (kind === 'long') throw unusable(file, `is longer than max_record_bytes`)
    else if (kind === 'broken') throw unusable(file, `has ${scanner.fault}`)
    else {
      const behind = placeBehind(place, data, scanner.next, scanner.lines)
      if (kind !== 'blank')
        return {
          fields: fieldsOf(data, scanner.end, kind, file, options),
          hash: crc32(data.subarray(0, scanner.end)),
          behind,
        }
      place = behind
    }
  }
}

const FIRST_WIDTH = 4096

/** Lines end so in files of old programs: all of them would be one header. In quotes, it is text. */
function hasLoneReturn(data: Buffer, end: number, quote: string): boolean {
  const parts = data.toString('latin1', 0, end).split(quote)
  return parts.some((part, index) => index % 2 === 0 && /\r(?!\n)/.test(part))
}

const CURE = 'where lines end with them alone, write the file anew: tr "\\r" "\\n" < OLD > NEW'

function fieldsOf(
  data: Buffer,
  end: number,
  kind: 'plain' | 'quoted',
  file: InputFile,
  options: CsvSourceOptions,
): string[] {
  if (!isUtf8(data.subarray(0, end))) throw unusable(file, 'is not valid UTF-8')
  const fields: string[] = []
  csv.splitRow(data.toString('utf8', 0, end), { from: 0, to: end, kind }, options.csv, fields)
  return fields
}

/** CS-05: every column keeps its data. A second `total` is `total_2`, the third column without a name `column_3`. */
function uniqueNames(fields: readonly string[]): string[] {
  const taken = new Set(fields)
  const used = new Set<string>()
  return fields.map((field, index) => {
    const name =
      field !== '' && !used.has(field) ? field : freeName(field || 'column', field === '' ? index + 1 : 2, taken)
    taken.add(name)
    used.add(name)
    return name
  })
}

function freeName(name: string, first: number, taken: ReadonlySet<string>): string {
  for (let number = first; ; number++) {
    if (!taken.has(`${name}_${number}`)) return `${name}_${number}`
  }
}

function refuseUnusable(names: readonly string[], file: InputFile, { columns, ragged }: CsvSourceOptions): void {
  const missing = [...(columns?.keys() ?? [])].filter((name) => !names.includes(name))
  if (missing.length > 0) throw unusable(file, lackOf(missing, names))
  if (ragged === 'keep-extra' && names.includes(EXTRA)) throw unusable(file, `has a column "${EXTRA}" already`)
}

function lackOf(missing: readonly string[], names: readonly string[]): string {
  const meant = missing.map((name) => didYouMean(name, names)).find((hint) => hint !== undefined)
  const more = names.length > MOST_SHOWN ? ` and ${names.length - MOST_SHOWN} more` : ''
  const there = `has ${names.slice(0, MOST_SHOWN).join(', ')}${more}`
  const hint = meant === undefined ? `it ${there}` : `${meant} It ${there}`
  return `has no column ${missing.map((name) => `"${name}"`).join(', ')}: ${hint}`
}

const MOST_SHOWN = 20

/** Where fields go that no column has. */
export const EXTRA = '_extra'

function unusable(file: InputFile, how: string): StreamrunError {
  return new StreamrunError('SR_INPUT_HEADER', `the header of ${file.path} ${how}`)
}
