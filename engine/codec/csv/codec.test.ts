import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { recordsBatch } from '../../batch.ts'
import { readOptions } from '../../options.ts'
import { type Json, makeRecord } from '../../record.ts'
import { encodeBatch } from '../encode.ts'
import { CSV_OPTIONS, csvCodec } from './index.ts'

type Chosen = { readonly [name: string]: Json }

/** The bytes of values behind those that a file begins with, and what is said about those that have none. */
function encode(values: readonly Json[], options: Chosen = {}, start = '') {
  const codec = csvCodec(readOptions(CSV_OPTIONS, options))
  const origin = { component: 'source', partition: 'list', position: null }
  const batch = recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin })))
  const { chunks, failed } = encodeBatch(codec, batch, Buffer.from(start))
  return { text: Buffer.concat(chunks).toString('utf8'), failed: failed.map(({ error }) => error.message) }
}

const textOf = (values: readonly Json[], options?: Chosen, start?: string) => {
  const { text, failed } = encode(values, options, start)
  expect(failed).toEqual([])
  return text
}

describe('values as rows', () => {
  test('a new file begins with the fields of its first record', () => {
    expect(
      textOf([
        { a: 1, b: 'x' },
        { b: 'y', a: 2 },
      ]),
    ).toBe('a,b\n1,x\n2,y\n')
  })

  test('scalars stand as they are, null and missing fields are empty, the rest is JSON text', () => {
    const first = { text: 'ü', whole: -0, real: 1.5e300, yes: true, none: null, list: [1, 'a'], map: { a: null } }
    expect(textOf([first, { text: '' }])).toBe(
      'text,whole,real,yes,none,list,map\nü,0,1.5e+300,true,,"[1,""a""]","{""a"":null}"\n,,,,,,\n',
    )
  })

  test('quotes stand only where they are needed (RFC 4180)', () => {
    const values = ['plain', ' spaces ', 'a,b', 'say "x"', 'a\nb', 'a\rb', "it's"]
    expect(textOf(values.map((v) => ({ v })))).toBe('v\nplain\n spaces \n"a,b"\n"say ""x"""\n"a\nb"\n"a\rb"\nit\'s\n')
  })

  test('a single empty cell is no empty line', () => {
    expect(textOf([{ v: '' }, { v: null }])).toBe('v\n""\n""\n')
  })

  test('other delimiters and quotes are used and quoted', () => {
    expect(textOf([{ a: 'x;y', b: "it's", c: 'p,q' }], { delimiter: ';', quote: "'" })).toBe(
      "a;b;c\n'x;y';'it''s';p,q\n",
    )
  })

  test('`columns` says which fields are written and in which order', () => {
    expect(textOf([{ a: 1, b: 2, c: 3 }, { c: 4 }], { columns: ['c', 'a'] })).toBe('c,a\n3,1\n4,\n')
    expect(textOf([{ a: 1, b: 2 }], { columns: ['b', 'a'], header: false })).toBe('2,1\n')
  })

  test('a name that objects have from elsewhere is only a name (CS-05)', () => {
    const odd = JSON.parse('{"__proto__": "p", "constructor": "c"}') as Json
    expect(textOf([odd, {}])).toBe('__proto__,constructor\np,c\n,\n')
    expect(textOf([{ a: 1 }], { columns: ['toString', '__proto__', 'a'] })).toBe('toString,__proto__,a\n,,1\n')
  })

  test('what a spreadsheet would run is disarmed on request, numbers are not (CS-08)', () => {
    const values = ['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'a=1', -1, "'=1"]
    expect(
      textOf(
        values.map((v) => ({ v })),
        { escape_formulas: true },
      ),
    ).toBe("v\n'=1+1\n'+1\n'-1\n'@x\n'\tx\n\"'\rx\"\na=1\n-1\n'=1\n")
    expect(textOf([{ '=a': 1 }], { escape_formulas: true })).toBe("'=a\n1\n")
    expect(textOf([{ v: '=1' }])).toBe('v\n=1\n')
  })
})

describe('a file that is there', () => {
  test('gets no second header', () => {
    expect(textOf([{ a: 2, b: 3 }], {}, 'a,b\n1,2\n')).toBe('2,3\n')
    expect(textOf([{ a: 2 }], { columns: ['a'] }, '\ufeffa\r\n')).toBe('2\n')
  })

  test('goes on in the order of its own header', () => {
    expect(textOf([{ a: 1, 'b,"c': 2 }], {}, '"b,""c",a\n')).toBe('2,1\n')
  })

  test.each([
    ['another header', 'b,a\n'],
    ['a header with more columns', 'a,b,c\n'],
    ['no header that ends', 'a,b'],
    ['no CSV', '"a" b\n'],
    ['an empty line', '\na,b\n'],
  ])('with %s is refused', (_, start) => {
    const write = () => encode([{ a: 1, b: 2 }], { columns: ['a', 'b'] }, start)
    expect(write).toThrow(expect.objectContaining({ code: 'SR_OUTPUT_HEADER' }))
  })
})

describe('a record without a form', () => {
  test('with a field that its file has no column for fails, nothing of it is lost', () => {
    const { text, failed } = encode([{ a: 1 }, { a: 2, b: 3 }, { a: 4 }])
    expect(text).toBe('a\n1\n4\n')
    expect(failed).toEqual([expect.stringContaining('"b"')])
  })

  test.each<[string, Json]>([
    ['a list', [1]],
    ['text', 'x'],
    ['null', null],
    ['an object without fields', {}],
    ['half a character', { a: '\ud800' }],
  ])('%s fails, and the next one decides the columns', (_, value) => {
    const { text, failed } = encode([value, { b: 1 }])
    expect(text).toBe('b\n1\n')
    expect(failed).toHaveLength(1)
  })
})

test('csv-parse reads what was written, whatever the texts', () => {
  const cell = fc.string({ unit: 'grapheme' })
  const special = fc
    .array(fc.constantFrom('"', ',', ';', '\n', '\r', ' ', 'x'), { maxLength: 5 })
    .map((all) => all.join(''))
  const row = fc.record({ a: fc.oneof(cell, special), b: fc.oneof(special, cell) })
  const property = fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom(',', ';'), (rows, delimiter) => {
    const text = textOf(rows, { delimiter })
    expect(parse(text, { columns: true, delimiter, record_delimiter: '\n' })).toEqual(rows)
  })
  fc.assert(property, { numRuns: 500 })
})
