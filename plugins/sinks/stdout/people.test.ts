import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readOptions } from '../../../engine/options.ts'
import {
  fitted,
  type Json,
  makeRecord,
  PartialWriteError,
  recordsBatch,
  visible,
  widthOf,
} from '../../../engine/plugin.ts'
import { memoryOutput, memoryStorage, sinkContext } from '../../../test/contract/index.ts'
import stdout from './index.ts'

const ORDERS = [
  { id: 'A-1', customer: { name: 'Ada' }, price: 12.5, note: null },
  { id: 'A-20', customer: { name: 'Grace' }, price: 7 },
]

describe('format table', () => {
  test('shows the fields of the first record as columns, numbers to the right', async () => {
    const { print } = await opened({ format: 'table' })
    expect(await print(...ORDERS, { price: 100, more: true }, 'text')).toEqual([
      'id    customer          price  note',
      '----  ----------------  -----  ----',
      'A-1   {"name":"Ada"}     12.5  null',
      'A-20  {"name":"Grace"}      7',
      '                          100',
      'text',
    ])
  })

  test('shows the columns that it is told', async () => {
    const columns = ['id', 'customer.name', '$round(price) * 2', '`odd name`']
    const { print } = await opened({ format: 'table', columns })
    expect(await print(...ORDERS)).toEqual([
      'id    customer.name  $round(price) * 2  odd name',
      '----  -------------  -----------------  --------',
      'A-1   Ada                           24',
      'A-20  Grace                         14',
    ])
  })

  test('writes the header once where there is no terminal, and widens columns from where they need it', async () => {
    const { print } = await opened({ format: 'table' })
    await print({ a: 'x', b: 1 })
    expect(await print({ a: 'longer', b: 2 }, { a: 'y', b: 3 })).toEqual(['longer  2', 'y       3'])
  })

  test('writes the header again on a terminal when it has scrolled away, and when the columns move', async () => {
    const { print } = await opened({ format: 'table' }, { rows: 10 })
    const lines = await print(...Array.from({ length: 15 }, (_, n) => ({ n: n + 10 })))
    const heads = lines.flatMap((line, index) => (line === 'n' ? [index] : []))
    expect(heads).toEqual([0, 9, 18])
    expect((await print({ n: 'x'.repeat(9) }))[0]).toBe('n')
  })

  test('gives a column that grows on a terminal some room to spare, so that the header stands still', async () => {
    const { print } = await opened({ format: 'table' }, { rows: 24 })
    expect(await print({ a: 'four', b: 1 })).toEqual(['a         b', '--------  -', 'four      1'])
    expect(await print({ a: 'eightest', b: 2 })).toEqual(['eightest  2'])
    expect(await print({ a: 'x'.repeat(9), b: 3 })).toHaveLength(3)
  })

  test('cuts what is too wide, and aligns what takes two columns of a terminal or none', async () => {
    const { print } = await opened({ format: 'table', columns: ['a', 'b'] })
    const lines = await print({ a: 'x'.repeat(1e6), b: 1 }, { a: '東京', b: 2 }, { a: 'e\u0301🙂', b: 3 })
    expect(lines[2]).toBe(`${'x'.repeat(31)}…  1`)
    expect(lines.slice(2).map(widthOf)).toEqual([35, 35, 35])
  })

  test('refuses a record that a column cannot show, and prints the others', async () => {
    const { print, output } = await opened({ format: 'table', columns: ['n', 'n + 1'] })
    const printing = print({ n: 1 }, { n: 'two' }, { n: 3 })
    await expect(printing).rejects.toBeInstanceOf(PartialWriteError)
    expect(output.text.split('\n').slice(2, 4)).toEqual(['1      2', '3      4'])
  })

  test('shows the header in bold where the terminal has colours', async () => {
    const { print } = await opened({ format: 'table' }, { colours: true })
    expect((await print({ a: 1 }))[0]).toBe('\u001b[1ma\u001b[0m')
  })
})

describe('format template', () => {
  test('prints the text for each record, of several lines too', async () => {
    const template = '%H:%M {id}\n  {customer.name} pays {$string(price)}'
    const { print } = await opened({ format: 'template', template })
    expect(await print(...ORDERS)).toEqual(['00:00 A-1', '  Ada pays 12.5', '00:00 A-20', '  Grace pays 7'])
  })

  test('refuses a record in which something is missing, and prints the others', async () => {
    const { print, output } = await opened({ format: 'template', template: '{note}' })
    await expect(print({ note: 'a' }, {}, { note: 'b' })).rejects.toMatchObject({ failed: { size: 1 } })
    expect(output.text).toBe('a\nb\n')
  })
})

describe('what people read', () => {
  const nasty = fc.constantFrom('\n', '\r', '\u001b[31m', '\u009b2J', '\u0007', '\u202e', '\u2028', '\u007f', '\0')
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), nasty)).map((parts) => parts.join(''))

  test('no record can send a control character to the terminal, or begin a line (CF-13)', async () => {
    const property = fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 4 }), text, async (texts, name) => {
      for (const options of [{ format: 'table' }, { format: 'template', template: 'x {$}' }]) {
        const { print } = await opened(options)
        const values = options.format === 'table' ? texts.map((one) => ({ [name]: one })) : texts
        const lines = await print(...values)
        expect(lines.join('')).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
        expect(lines).toHaveLength(texts.length + (options.format === 'table' ? 2 : 0))
      }
    })
    await fc.assert(property, { numRuns: 200 })
  })

  test('a fitted text is never wider than its place, and is whole where it fits', () => {
    const property = fc.property(text.map(visible), fc.integer({ min: 1, max: 40 }), (one, width) => {
      expect(widthOf(fitted(one, width))).toBeLessThanOrEqual(width)
      if (widthOf(one) <= width) expect(fitted(one, width)).toBe(one)
    })
    fc.assert(property, { numRuns: 1000 })
  })
})

test('an option that the format has no use for is refused, and so is a format without its option', async () => {
  const faultsOf = async (given: { readonly [name: string]: Json }) => {
    const context = { storage: memoryStorage(), definitionFolder: '/' }
    const check = await stdout.check?.(readOptions(stdout.options, given), context)
    return check?.faults?.map(({ code, path }) => [code, ...path])
  }
  expect(await faultsOf({ format: 'template' })).toEqual([['SR_MISSING_OPTION', 'format']])
  expect(await faultsOf({ template: '{a}' })).toEqual([['SR_OPTION_REFUSED', 'template']])
  expect(await faultsOf({ format: 'pretty', columns: ['a'] })).toEqual([['SR_OPTION_REFUSED', 'columns']])
  expect(await faultsOf({ format: 'template', template: '{a}' })).toEqual([])
  expect(await faultsOf({ format: 'table', columns: ['a'] })).toEqual([])
})

/** A sink, and what it prints for some values, line by line. */
async function opened(given: { readonly [name: string]: Json }, terminal: { rows?: number; colours?: boolean } = {}) {
  const output = memoryOutput(terminal)
  const sink = await stdout.open(readOptions(stdout.options, given), sinkContext({ stdout: output }))
  const origin = { component: 'source', partition: 'list', position: null }
  const print = async (...values: readonly Json[]) => {
    const before = output.text.length
    await sink.write(recordsBatch(values.map((value) => makeRecord({ value, timestamp: 0, origin }))))
    return output.text.slice(before).split('\n').slice(0, -1)
  }
  return { print, output }
}
