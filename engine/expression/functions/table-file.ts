import { extname } from 'node:path'
import { RowScanner, splitRow } from '../../codec/csv/index.ts'
import { didYouMean } from '../../config/nearest.ts'
import { messageOf } from '../../errors.ts'
import type { Json, JsonObject } from '../../record.ts'
import type { Table } from './lookup-table.ts'

/** What is wrong with the file of a table. */
export class TableError extends Error {
  /** Of the file, from 1, where one line is wrong. */
  readonly line: number | undefined
  readonly hint: string | undefined

  constructor(message: string, { line, hint }: { line?: number | undefined; hint?: string | undefined } = {}) {
    super(message)
    this.name = 'TableError'
    this.line = line
    this.hint = hint
  }
}

/**
 * The rows of a file, each by its field `key`: `.csv`, where every field is text, `.json` or `.ndjson`. Without a key the
 * file is one JSON object, whose fields are the rows. Throws `TableError`.
 */
export function parseTable(path: string, text: string, key: string | undefined): Table {
  const type = extname(path).toLowerCase()
  const content = text.replace(/^\ufeff/, '')
  if (key === undefined) return fieldsOf(type, content)
  const table = new Map<string, Json>()
  for (const { row, line } of rowsOf(type, content, key)) {
    const value = Object.hasOwn(row, key) ? row[key] : undefined
    const isKey = typeof value === 'number' || (typeof value === 'string' && value !== '')
    if (!isKey) throw new TableError(`a row has no key in its field "${key}"`, { line })
    if (table.has(String(value))) throw new TableError(`the key "${value}" is there twice`, { line })
    table.set(String(value), row)
  }
  return table
}

function fieldsOf(type: string, text: string): Table {
  if (type !== '.json') throw new TableError('a table without `key` is a .json file with one object')
  const value = parseJson(text, undefined)
  if (!isObject(value)) throw new TableError('it holds no object: give the field of its rows as `key`')
  return new Map(Object.entries(value))
}

interface Row {
  readonly row: JsonObject
  readonly line?: number
}

function rowsOf(type: string, text: string, key: string): Iterable<Row> {
  if (type === '.csv') return csvRows(text, key)
  if (type === '.ndjson' || type === '.jsonl') return ndjsonRows(text)
  if (type === '.json') return jsonRows(text)
  throw new TableError('its name ends in none of .csv, .json and .ndjson')
}

function jsonRows(text: string): Row[] {
  const rows = parseJson(text, undefined)
  if (!Array.isArray(rows)) throw new TableError('it holds no list of rows')
  return rows.map((row: Json) => ({ row: asRow(row, undefined) }))
}

function ndjsonRows(text: string): Row[] {
  const lines = text.split('\n').map((line, index) => ({ text: line.trim(), line: index + 1 }))
  return lines
    .filter((line) => line.text !== '')
    .map(({ text: row, line }) => ({ row: asRow(parseJson(row, line), line), line }))
}

function* csvRows(text: string, key: string): Generator<Row> {
  const dialect = { delimiter: ',', quote: '"' }
  const scanner = new RowScanner(dialect, LONGEST_ROW)
  scanner.begin(text, true)
  let names: readonly string[] | undefined
  let line = 1
  for (let at = 0; at < text.length; at = scanner.next) {
    const kind = scanner.scan(at)
    if (kind === 'broken' || kind === 'long') throw new TableError(scanner.fault || 'a row is too long', { line })
    if (kind === 'plain' || kind === 'quoted') {
      const fields: string[] = []
      splitRow(text, { from: at, to: scanner.end, kind }, dialect, fields)
      if (names === undefined) names = checkedHeader(fields, key)
      else yield { row: rowOf(names, fields, line), line }
    }
    line += scanner.lines
  }
  if (names === undefined) throw new TableError('it is empty: it must begin with the names of its columns')
}

const LONGEST_ROW = 1024 * 1024

function checkedHeader(names: readonly string[], key: string): readonly string[] {
  const doubled = names.find((name, index) => names.indexOf(name) !== index)
  if (doubled !== undefined) throw new TableError(`its header names "${doubled}" twice`, { line: 1 })
  if (names.includes(key)) return names
  throw new TableError(`it has no column "${key}"`, { line: 1, hint: didYouMean(key, names) })
}

function rowOf(names: readonly string[], fields: readonly string[], line: number): JsonObject {
  if (fields.length !== names.length) {
    throw new TableError(`${fields.length} fields in a row of ${names.length} columns`, { line })
  }
  return Object.fromEntries(names.map((name, index) => [name, fields[index] as string]))
}

function asRow(value: Json, line: number | undefined): JsonObject {
  if (!isObject(value)) throw new TableError('a row is no object', { line })
  return value
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseJson(text: string, line: number | undefined): Json {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TableError(`it is no JSON: ${messageOf(error)}`, { line })
  }
}
