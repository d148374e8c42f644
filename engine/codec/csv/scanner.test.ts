import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dialect } from './dialect.ts'
import { splitRow } from './fields.ts'
import { RowScanner } from './scanner.ts'

const DIALECT: Dialect = { delimiter: ',', quote: '"' }
const LONGEST = 1000

/** A row, or the fault of a line that is none; with its place and the line it begins on. */
type Found = { at: number; line: number; row?: string[]; fault?: string }

/** Reads as a source does: so much at a time, more where that is not enough. */
function read(text: string, width = text.length, { longest = LONGEST, dialect = DIALECT } = {}): Found[] {
  const bytes = Buffer.from(text).toString('latin1')
  const scanner = new RowScanner(dialect, longest)
  const found: Found[] = []
  let line = 1
  let wide = width
  for (let at = 0; at < bytes.length; ) {
    const window = bytes.slice(at, at + wide)
    scanner.begin(window, at + wide >= bytes.length)
    const kind = scanner.scan(0)
    if (kind === 'partial' || (kind === 'long' && scanner.next < 0)) {
      wide += width
      continue
    }
    const row = Buffer.from(window.slice(0, scanner.end), 'latin1').toString('utf8')
    const fields: string[] = []
    if (kind === 'plain' || kind === 'quoted') {
      fields.length = splitRow(row, { from: 0, to: row.length, kind }, dialect, fields)
      found.push({ at, line, row: fields })
    } else if (kind !== 'blank') found.push({ at, line, fault: kind === 'long' ? 'long' : scanner.fault })
    at += scanner.next
    line += scanner.lines
    wide = width
  }
  return found
}

const rowsOf = (text: string) => read(text).map(({ row, fault }) => row ?? fault)

describe('the rows of a text', () => {
  test.each<[string, string, (string[] | string)[]]>([
    [
      'fields',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a last line without a line end',
      'a,b\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CR LF and LF mixed',
      'a,b\r\n1,2\n3,4\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a carriage return that ends no line', 'a\rb,c\n', [['a\rb', 'c']]],
    [
      'empty fields',
      ',\n,,\n',
      [
        ['', ''],
        ['', '', ''],
      ],
    ],
    ['empty lines, which are no rows', '\n\r\na\n\n\nb\n\n', [['a'], ['b']]],
    ['a quoted empty field, which is one', '""\n', [['']]],
    ['white space, which is text', ' a , b \n', [[' a ', ' b ']]],
    ['quotes, doubled inside', '"a","b ""c""",""""\n', [['a', 'b "c"', '"']]],
    [
      'delimiters and line ends in quotes',
      '"a,b","c\nd\r\ne"\n1,2\n',
      [
        ['a,b', 'c\nd\r\ne'],
        ['1', '2'],
      ],
    ],
    [
      'a quoted last field before CR LF',
      '1,"2"\r\n3,"4"\r\n',
      [
        ['1', '2'],
        ['3', '4'],
      ],
    ],
    ['a quoted last field at the end', '1,"2"', [['1', '2']]],
    ['an empty field behind a quoted one', '"1",\n', [['1', '']]],
    ['NUL and characters of two to four bytes', '\0,ü,€,😀\n', [['\0', 'ü', '€', '😀']]],
    ['nothing', '', []],
  ])('hold %s', (_, text, rows) => {
    expect(rowsOf(text)).toEqual(rows)
    expect(parse(text, ORACLE)).toEqual(rows)
  })

  test.each<[string, string, (string[] | string)[]]>([
    ['a quote in a field', '5" pipe,1\n2,3\n', ['a quote in the middle of a field', ['2', '3']]],
    ['text behind a quote', '"a"b,1\n2,3\n', ['text behind a closing quote', ['2', '3']]],
    ['a quote that is never closed', '1,"a\n2,3\n4,5\n', ['a quote that is not closed', ['2', '3'], ['4', '5']]],
    [
      'a fault behind a quoted line end',
      '"a\nb"c,1\n2,3\n',
      ['text behind a closing quote', 'a quote in the middle of a field', ['2', '3']],
    ],
  ])('%s costs its own line only', (_, text, rows) => {
    expect(rowsOf(text)).toEqual(rows)
  })

  test('are found by another delimiter and another quote', () => {
    const dialect = { delimiter: '\t', quote: "'" }
    expect(read("a\t'b\t''c'\t\"d,\n", 3, { dialect }).map(({ row }) => row)).toEqual([['a', "b\t'c", '"d,']])
  })

  test('have the byte offset and the line that they begin at', () => {
    expect(read('ü,"a\nb"\n\nc"\nd,e\n')).toEqual([
      { at: 0, line: 1, row: ['ü', 'a\nb'] },
      { at: 10, line: 4, fault: 'a quote in the middle of a field' },
      { at: 13, line: 5, row: ['d', 'e'] },
    ])
  })

  test('are never longer than may be, whatever quotes join', () => {
    const longest = 10
    const found = (text: string) => read(text, 4, { longest }).map(({ row, fault }) => row ?? fault)
    expect(found(`${'x'.repeat(10)}\n1\n`)).toEqual([['x'.repeat(10)], ['1']])
    expect(found(`${'x'.repeat(10)}\r\n1\n`)).toEqual([['x'.repeat(10)], ['1']])
    expect(found(`${'x'.repeat(11)}\n1\n`)).toEqual(['long', ['1']])
    expect(found(`"${'x'.repeat(8)}"\r\n1\n`)).toEqual([['x'.repeat(8)], ['1']])
    expect(found(`"${'x'.repeat(9)}"\n1\n`)).toEqual(['long', ['1']])
    expect(found('"a\nb\nc\nd\ne\nf"\n1\n')).toEqual([
      'a quote that is not closed within 10 bytes',
      ['b'],
      ['c'],
      ['d'],
      ['e'],
      'a quote in the middle of a field',
      ['1'],
    ])
  })
})

/** What csv-parse is told to take for the same as we do. */
const ORACLE = { record_delimiter: ['\r\n', '\n'], relax_column_count: true, skip_empty_lines: true }

const anyText = fc.array(fc.constantFrom('a', 'b', ',', '"', '""', '\n', '\r\n', '\r', 'ü', '😀', ' '), {
  maxLength: 60,
})

test('any text in any pieces is the same rows, faults, offsets and lines (CS-03)', () => {
  const property = fc.property(
    anyText,
    fc.integer({ min: 1, max: 20 }),
    fc.constantFrom(5, 12, LONGEST),
    (parts, width, longest) => {
      const text = parts.join('')
      expect(read(text, width, { longest })).toEqual(read(text, text.length, { longest }))
    },
  )
  fc.assert(property, { numRuns: 3000 })
})

test('every byte of any text is in a row, in a line that is none, or a line end', () => {
  const property = fc.property(anyText, fc.constantFrom(5, 12, LONGEST), (parts, longest) => {
    const text = parts.join('')
    const places = read(text, 7, { longest })
    const lines = text.split('\n')
    // Every line that is not empty is begun by what was found, or joined to it by quotes.
    const starts = new Set(places.map(({ line }) => line))
    for (const [index, line] of lines.entries()) {
      const joined = places.some(
        ({ row, line: from }) => row !== undefined && from <= index && index < from + row.join('').split('\n').length,
      )
      if (line.replace(/\r$/, '') !== '') expect(starts.has(index + 1) || joined).toBe(true)
    }
  })
  fc.assert(property, { numRuns: 1000 })
})

test('what csv-parse can read is read as csv-parse reads it', () => {
  const cell = fc
    .array(fc.constantFrom('a', ',', '"', '\n', '\r\n', 'ü', '😀', ' '), { maxLength: 6 })
    .map((parts) => parts.join(''))
  const row = fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 })
  const table = fc.array(fc.tuple(row, fc.constantFrom('\n', '\r\n', '\n\n')))
  const property = fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, width) => {
    const write = ([text, wantsQuotes]: [string, boolean]) =>
      wantsQuotes || /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
    const text = rows.map(([cells, lineEnd]) => cells.map(write).join(',') + lineEnd).join('')
    expect(read(text, width).map(({ row: found }) => found)).toEqual(parse(text, ORACLE))
  })
  fc.assert(property, { numRuns: 1000 })
})
