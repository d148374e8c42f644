import { RecordError, StreamrunError } from '../../errors.ts'
import { boolean, list, type OptionValues, optional, text } from '../../options.ts'
import type { Json, JsonObject } from '../../record.ts'
import type { Encoder } from '../index.ts'
import { cellWriter } from './cells.ts'
import { DIALECT_OPTIONS, dialectFaults } from './dialect.ts'
import { splitRow } from './fields.ts'
import { RowScanner } from './scanner.ts'

export const CSV_OPTIONS = {
  ...DIALECT_OPTIONS,
  columns: optional(
    list(text({ description: 'The name of a field.' }), {
      description:
        'The fields that are written, in this order; others are left out. Left out: those of the header of a file that is there, else those of the first record of each file, and a record with a field beyond them fails.',
      examples: [['order_id', 'country', 'total']],
    }),
  ),
  header: boolean({ description: 'Begin every file with the names of the columns.', default: true }),
  escape_formulas: boolean({
    description:
      "Put a `'` before text that a spreadsheet would take for a formula: that begins with `=`, `+`, `-`, `@`, a tab or a carriage return.",
    default: false,
  }),
}

export type CsvOptions = OptionValues<typeof CSV_OPTIONS>

export function csvFaults({ columns, header, ...dialect }: CsvOptions) {
  const doubled = columns?.find((name, index) => columns.indexOf(name) !== index)
  return [
    ...dialectFaults(dialect),
    ...(doubled === undefined ? [] : [{ option: 'columns', message: `names "${doubled}" twice` }]),
    ...(header || columns !== undefined
      ? []
      : [{ option: 'header', message: 'false needs `columns`: nothing else says which field stands where' }]),
  ]
}

/**
 * One object a row. What is not a scalar is JSON text; null and a field that is missing are an empty cell. A file is
 * its own witness: the columns are those of the header that stands in it, so that a restart goes on with the same.
 */
export function csvCodec(options: CsvOptions): Encoder {
  const layouts = new WeakMap<Uint8Array, Layout>()
  const lineOf = rowWriter(options)

  function layoutOf(start: Uint8Array): Layout {
    const known =
      layouts.get(start) ?? (options.header ? readLayout(start, options) : fixedLayout(options.columns ?? []))
    layouts.set(start, known)
    return known
  }

  function encodeBehind(start: Uint8Array): (value: Json) => string {
    if (start.length > 0) {
      const layout = layoutOf(start)
      return (value) => lineOf(rowOf(value), layout)
    }
    let layout: Layout | undefined
    return (value) => {
      const row = rowOf(value)
      if (layout !== undefined) return lineOf(row, layout)
      const first = options.columns === undefined ? columnsOf(row) : fixedLayout(options.columns)
      const line = lineOf(row, first)
      const text = options.header ? `${lineOf(namesOf(first), first)}\n${line}` : line
      // Only now: a record that cannot be written decides nothing.
      layout = first
      return text
    }
  }

  return {
    name: 'csv',
    startBytes: options.header ? START_BYTES : 0,
    encode: (value) => encodeBehind(NOTHING)(value),
    encodeBehind,
  }
}

/** The columns of a file; `names` is only there where a field beyond them is a fault. */
interface Layout {
  readonly columns: readonly string[]
  readonly names: ReadonlySet<string> | undefined
}

/** A header must end within so many bytes. */
const START_BYTES = 64 * 1024
const NOTHING = new Uint8Array()

function fixedLayout(columns: readonly string[]): Layout {
  return { columns, names: undefined }
}

function columnsOf(row: JsonObject): Layout {
  const columns = Object.keys(row)
  if (columns.length === 0) throw new RecordError('SR_ENCODE_FAILED', 'codec csv needs fields: the object has none')
  return { columns, names: new Set(columns) }
}

function namesOf({ columns }: Layout): JsonObject {
  return Object.fromEntries(columns.map((name) => [name, name]))
}

/** What the header at the beginning of a file says. */
function readLayout(start: Uint8Array, options: CsvOptions): Layout {
  const columns = readHeader(start, options)
  if (columns === undefined) throw otherHeader('does not begin with a header of CSV')
  if (options.columns === undefined) return { columns, names: new Set(columns) }
  const wanted = options.columns.map(cellWriter(options).text)
  if (wanted.length !== columns.length || wanted.some((name, index) => name !== columns[index])) {
    throw otherHeader('begins with a header that is not `csv.columns`')
  }
  return fixedLayout(options.columns)
}

function readHeader(start: Uint8Array, options: CsvOptions): readonly string[] | undefined {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.length)
  const from = bytes.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.length : 0
  const scanner = new RowScanner(options, START_BYTES)
  // Rows cannot be put behind a header without a line end.
  scanner.begin(bytes.toString('latin1'), false)
  const kind = from < bytes.length ? scanner.scan(from) : 'blank'
  if (kind !== 'plain' && kind !== 'quoted') return undefined
  const row = bytes.toString('utf8', from, scanner.end)
  const fields: string[] = []
  splitRow(row, { from: 0, to: row.length, kind }, options, fields)
  return fields
}

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

function otherHeader(what: string): StreamrunError {
  return new StreamrunError('SR_OUTPUT_HEADER', `is there already and ${what}`)
}

function rowOf(value: Json): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new RecordError('SR_ENCODE_FAILED', 'codec csv writes objects only: the value is none')
}

function rowWriter(options: CsvOptions): (row: JsonObject, layout: Layout) => string {
  const { cell, empty } = cellWriter(options)
  return (row, { columns, names }) => {
    if (names !== undefined) refuseUnknown(row, names)
    let line = ''
    for (let index = 0; index < columns.length; index++) {
      const name = columns[index] as string
      if (index > 0) line += options.delimiter
      if (Object.hasOwn(row, name)) line += cell(row[name] as Json)
    }
    if (isTorn(line))
      throw new RecordError('SR_ENCODE_FAILED', 'codec csv writes UTF-8: half a surrogate pair in a text')
    // An empty line would be no row.
    return line === '' ? empty : line
  }
}

function refuseUnknown(row: JsonObject, names: ReadonlySet<string>): void {
  for (const name in row) {
    if (names.has(name) || !Object.hasOwn(row, name)) continue
    const message = `the field "${name}" is no column of its file, whose first record had none: list \`csv.columns\``
    throw new RecordError('SR_ENCODE_FAILED', message)
  }
}

/** The first look is cheap, and nearly always the last. */
function isTorn(line: string): boolean {
  return /[\ud800-\udfff]/.test(line) && /\p{Surrogate}/u.test(line)
}
