import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBatch } from '../../../engine/codec/encode.ts'
import { createEncoder } from '../../../engine/codec/index.ts'
import { readOptions } from '../../../engine/options.ts'
import { headerText, type Json, makeRecord, recordsBatch } from '../../../engine/plugin.ts'
import { manualClock, sourceContext } from '../../../test/contract/index.ts'
import csv from './index.ts'
import type { Position } from './position.ts'
import { diskWith, type Options, PATH, read, readFrom, rewrite } from './reading.fixture.ts'

describe('the header', () => {
  test('names the columns, behind a byte order mark and empty lines too', async () => {
    const { values, batches } = await read('\ufeff\r\n"a b",ü\r\n1,2\r\n')
    expect(values).toEqual([{ 'a b': '1', ü: '2' }])
    expect(batches[0]?.records?.records[0]?.origin.position).toEqual({ offset: 15, line: 3 })
  })

  test('of a name twice or none keeps every column, and says so (CS-05)', async () => {
    const { values, logs } = await read('a,a,,a_2,\n1,2,3,4,5\n')
    expect(values).toEqual([{ a: '1', a_3: '2', column_3: '3', a_2: '4', column_5: '5' }])
    expect(logs).toEqual([expect.stringContaining('a_3, column_3, column_5')])
  })

  test('may hold what objects have from elsewhere: it is a field like any other (CS-05)', async () => {
    const { values } = await read('__proto__,constructor,toString,"q""\\${x}`"\n1,2,3,4\n')
    const [value] = values as [object]
    expect(Object.entries(value)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
      ['q"\\${x}`', '4'],
    ])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(JSON.stringify(value)).toContain('"__proto__":"1"')
  })

  test('can be left out: `columns` names the fields', async () => {
    const { values } = await read('1,x\n2,y\n', { header: false, columns: { id: 'integer', name: 'string' } })
    expect(values).toEqual([
      { id: 1, name: 'x' },
      { id: 2, name: 'y' },
    ])
  })

  test.each<[string, string, Options]>([
    ['lacks a column of `columns`', 'a,b\n', { columns: { c: 'integer' } }],
    ['is no row', 'a"b\n', {}],
    ['is too long', `${'a'.repeat(50)}\n`, { max_record_bytes: '10B' }],
    ['has a column `_extra` where one is made', 'a,_extra\n', { ragged: 'keep-extra' }],
  ])('that %s stops the start', async (_, text, options) => {
    await expect(read(text, options)).rejects.toMatchObject({ code: 'SR_INPUT_HEADER', exitCode: 74 })
  })

  test.each<[string, Options['columns'], string]>([
    ['price,total\n', { pirce: 'number' }, 'has no column "pirce": did you mean "price"? It has price, total'],
    [
      'id,price\n',
      { Price: 'number', x: 'integer', id: 'integer' },
      'has no column "Price", "x": did you mean "price"? It has id, price',
    ],
    [
      `${Array.from({ length: 30 }, (_, n) => `c${n}`).join()}\n`,
      { price: 'number' },
      'has no column "price": it has c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19 and 10 more',
    ],
  ])('that lacks a column says which ones it has: %j', async (text, columns, said) => {
    await expect(read(text, { columns })).rejects.toMatchObject({ message: `the header of /in/table.csv ${said}` })
  })

  test.each(['', '\ufeff', 'a,b', 'a,b\n\n'])('alone, or nothing at all, is no record: %j', async (text) => {
    const { values, failed } = await read(text, { repeat: true, limit: 5 })
    expect([values, failed]).toEqual([[], []])
  })
})

test('a file that is not there ends the pipeline with exit code 66', async () => {
  const missing = { path: '/in/other.csv' }
  await expect(read('', missing)).rejects.toMatchObject({ code: 'SR_INPUT_MISSING', exitCode: 66 })
})

describe('typed columns', () => {
  test.each<[string, string, Json]>([
    ['integer', '42', 42],
    ['integer', '-0', 0],
    ['integer', '+7', 7],
    ['integer', '007', 7],
    ['integer', '9007199254740991', 9007199254740991],
    ['number', '-1.50', -1.5],
    ['number', '.5', 0.5],
    ['number', '1e3', 1000],
    ['number', '90071992547409940', 90071992547409940],
    ['number', '12', 12],
    ['boolean', 'true', true],
    ['boolean', 'FALSE', false],
    ['integer', '', null],
    ['number', '""', null],
    ['boolean', '', null],
    ['string', '', ''],
    ['string', '0x10', '0x10'],
  ])('%s makes %j of its text', async (type, text, value) => {
    const { values } = await read(`v,w\n${text},x\n`, { columns: { v: type } })
    expect(values).toEqual([{ v: value, w: 'x' }])
  })

  test.each([
    ['integer', '9007199254740993'],
    ['integer', '1.0'],
    ['integer', '1e3'],
    ['integer', ' 1'],
    ['number', '9007199254740993'],
    ['number', '1e400'],
    ['number', '0x10'],
    ['number', 'NaN'],
    ['number', '-Infinity'],
    ['number', '1,5'.replace(',', '.5.')],
    ['boolean', '1'],
    ['boolean', 'yes'],
  ])('%s refuses %j, by the name of the column alone (CS-09)', async (type, text) => {
    const { values, failed } = await read(`v\n${text}\n`, { columns: { v: type } })
    expect(values).toEqual([])
    expect(failed[0]?.error).toMatchObject({ code: 'SR_CSV_TYPE', message: expect.stringContaining('"v"') })
    expect(failed[0]?.error.message).not.toContain(text)
  })

  test('any whole number keeps its digits or fails (CS-09)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
        fc.constantFrom('integer', 'number'),
        async (whole, type) => {
          const { values, failed } = await read(`v\n${whole}\n`, { columns: { v: type } })
          if (failed.length > 0) expect(Number.isSafeInteger(Number(whole))).toBe(false)
          else expect(String((values[0] as { v: number }).v)).toBe(String(whole))
        },
      ),
    )
  })
})

describe('rows with more or fewer fields (CS-02)', () => {
  const text = 'a,b\n1\n1,2\n1,2,3,4\n'

  test('are dead letters', async () => {
    const { values, refused, failed } = await read(text)
    expect(values).toEqual([{ a: '1', b: '2' }])
    expect(refused).toEqual([
      ['SR_CSV_RAGGED', '1'],
      ['SR_CSV_RAGGED', '1,2,3,4'],
    ])
    expect(failed.map(({ origin }) => origin.position)).toEqual([
      { offset: 4, line: 2 },
      { offset: 10, line: 4 },
    ])
  })

  test('are filled up where that is wanted, by type', async () => {
    const { values, refused } = await read(text, { ragged: 'pad', columns: { b: 'integer' } })
    expect(values).toEqual([
      { a: '1', b: null },
      { a: '1', b: 2 },
    ])
    expect(refused).toEqual([['SR_CSV_RAGGED', '1,2,3,4']])
  })

  test('lose what is too much where that is wanted, counted', async () => {
    const { values, counts } = await read(text, { ragged: 'drop-extra' })
    expect(values).toEqual([
      { a: '1', b: '' },
      { a: '1', b: '2' },
      { a: '1', b: '2' },
    ])
    expect(counts.get('dropped_fields')).toBe(2)
  })

  test('keep what is too much where that is wanted', async () => {
    const { values } = await read(text, { ragged: 'keep-extra' })
    expect(values).toEqual([
      { a: '1', b: '' },
      { a: '1', b: '2' },
      { a: '1', b: '2', _extra: ['3', '4'] },
    ])
  })
})

describe('a broken row', () => {
  test('is a dead letter with its bytes and place, and the rest flows', async () => {
    const { values, refused, failed } = await read('a,b\n1,"x"y\n\n2,ü\n"3,open\n4,z\n')
    expect(values).toEqual([
      { a: '2', b: 'ü' },
      { a: '4', b: 'z' },
    ])
    expect(refused).toEqual([
      ['SR_CSV_INVALID', '1,"x"y'],
      ['SR_CSV_INVALID', '"3,open'],
    ])
    expect(failed.map(({ origin }) => origin)).toEqual([
      { component: 'tested', partition: PATH, position: { offset: 4, line: 2 } },
      { component: 'tested', partition: PATH, position: { offset: 17, line: 5 } },
    ])
  })

  test('that is not UTF-8 is one, in any place of the file', async () => {
    const bytes = (text: string) => Buffer.from(text, 'latin1')
    const { values, refused } = await read(bytes('a\nx\n\xfc\n\xc3\xbc\n\xfc'))
    expect(values).toEqual([{ a: 'x' }, { a: 'ü' }])
    expect(refused).toEqual([
      ['SR_TEXT_ENCODING', '\xfc'],
      ['SR_TEXT_ENCODING', '\xfc'],
    ])
  })

  test('cannot swallow the file: an open quote costs one line, however far the bound is (CS-01)', async () => {
    const lines = Array.from({ length: 20_000 }, (_, number) => `${number},text`)
    const { values, refused } = await read(['a,b', '"open,1', ...lines, ''].join('\n'), { max_record_bytes: '64KiB' })
    expect(values).toHaveLength(20_000)
    expect(refused).toEqual([['SR_CSV_INVALID', '"open,1']])
  })

  test('that is huge is read over, with its beginning and its size (CS-04)', async () => {
    const huge = 'x'.repeat(3_000_000)
    const { values, failed } = await read(`a\n1\n${huge}\n2\n${huge}`, { max_record_bytes: '100KiB' })
    expect(values).toEqual([{ a: '1' }, { a: '2' }])
    expect(failed.map(({ error, raw, size }) => [error.code, raw?.length, size])).toEqual([
      ['SR_CSV_TOO_LONG', 65_536, 3_000_000],
      ['SR_CSV_TOO_LONG', 65_536, 3_000_000],
    ])
    expect(failed[1]?.origin.position).toEqual({ offset: 3_000_007, line: 5 })
  })
})

describe('pace, limit and repeat', () => {
  const text = 'n\n1\n2\n3\n'

  test('a batch of the pace is handed over at once, and numbered', async () => {
    const { batches, places } = await read('n\n1\n2\n3\n4\n5\n', { pace: { records: 2, every: '10s' } })
    expect(batches.map(({ records }) => records?.size)).toEqual([2, 2, 1])
    expect(places).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1'])
  })

  test('the wait begins when the batch has gone, and is not made up for', async () => {
    const clock = manualClock()
    const context = sourceContext<Position>({ storage: await diskWith(text), clock })
    const source = await csv.open(readOptions(csv.options, { path: PATH, pace: { every: '10s' } }), context as never)
    const batches = source.batches()[Symbol.asyncIterator]()
    await batches.next()
    clock.advance(60_000)
    for (let left = 2; left > 0; left--) {
      let came = false
      const next = batches.next().then(() => (came = true))
      while (clock.waiting === 0) await new Promise((resolve) => setImmediate(resolve))
      clock.advance(9_999)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
      expect(came).toBe(false)
      clock.advance(1)
      await next
    }
    await source.close?.()
  })

  test('a pace of 0s waits for nothing, and numbers batches all the same', async () => {
    const clock = manualClock()
    const context = sourceContext<Position>({ storage: await diskWith(text), clock })
    const pace = { records: 2, every: '0s' }
    const source = await csv.open(readOptions(csv.options, { path: PATH, pace }), context as never)
    const places: (string | undefined)[] = []
    for await (const { records } of source.batches()) {
      places.push(...(records?.records ?? []).map(({ headers }) => headerText(headers, 'batch_number')))
    }
    expect(places).toEqual(['1', '1', '2'])
    expect(clock.waiting).toBe(0)
    await source.close?.()
  })

  test('a wait ends when the pipeline stops', async () => {
    const clock = manualClock()
    const context = sourceContext<Position>({ storage: await diskWith(text), clock })
    const source = await csv.open(readOptions(csv.options, { path: PATH, pace: { every: '10s' } }), context as never)
    const batches = source.batches()[Symbol.asyncIterator]()
    await batches.next()
    const next = batches.next()
    context.stop()
    expect(await next).toMatchObject({ done: true })
    await source.close?.()
  })

  test('the file starts over until there are enough rows, broken ones counted', async () => {
    const { values, refused, batches } = await read('n\n1\n2,x\n3\n', { repeat: true, limit: 7 })
    expect(values).toEqual(['1', '3', '1', '3', '1'].map((n) => ({ n })))
    expect(refused).toHaveLength(2)
    expect(batches.map(({ caughtUp }) => caughtUp)).toEqual([false, false, true])
  })

  test('a batch number goes on through restarts and repetitions', async () => {
    const storage = await diskWith(text)
    const pace = { records: 2, every: '1s' }
    const first = await readFrom(storage, { pace, repeat: true, limit: 4 })
    const second = await readFrom(storage, { pace, repeat: true, limit: 8 }, first.last)
    expect([...first.values, ...second.values]).toEqual(['1', '2', '3', '1', '2', '3', '1', '2'].map((n) => ({ n })))
    expect([...first.places, ...second.places]).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1', '3.2', '4.1', '4.2'])
  })

  test('a rerun after the limit reads nothing', async () => {
    const storage = await diskWith(text)
    const { last } = await readFrom(storage, { limit: 2 })
    expect((await readFrom(storage, { limit: 2 }, last)).batches).toEqual([])
    expect((await readFrom(storage, { limit: 3 }, last)).values).toEqual([{ n: '3' }])
  })
})

describe('a rerun', () => {
  test('reads only what was added', async () => {
    const storage = await diskWith('n\n1\n2')
    const { last } = await readFrom(storage, {})
    expect((await readFrom(storage, {}, last)).batches).toEqual([])
    await rewrite(storage, 'n\n1\n2\n3\n')
    expect((await readFrom(storage, {}, last)).values).toEqual([{ n: '3' }])
  })

  test('reads a file that was empty before', async () => {
    const storage = await diskWith('')
    const { last } = await readFrom(storage, {})
    await rewrite(storage, 'n\n1\n')
    expect((await readFrom(storage, {}, last)).values).toEqual([{ n: '1' }])
  })

  test.each([
    ['another header', 'm\n1\n2\n3\n'],
    ['other rows', 'n\n7\n2\n3\n'],
    ['fewer bytes', 'n\n1\n'],
    ['nothing', ''],
    ['a last row that goes on', 'n\n1\n23\n'],
  ])('of a file with %s stops, and reads none of it (CS-07)', async (_, text) => {
    const storage = await diskWith('n\n1\n2')
    const { last } = await readFrom(storage, {})
    await rewrite(storage, text)
    await expect(readFrom(storage, {}, last)).rejects.toMatchObject({ code: 'SR_INPUT_CHANGED', exitCode: 74 })
  })
})

test('killed behind any row of any file, it reads exactly the rest (CS-07)', async () => {
  const part = fc.constantFrom('a', ',', '"', '""', '"x\ny"', '\n', '\r\n', 'ü', '😀', ',b\n')
  const property = fc.asyncProperty(
    fc.array(part, { maxLength: 40 }),
    fc.constantFrom(8, 1000),
    async (parts, longest) => {
      const storage = await diskWith(`a,b\n${parts.join('')}`)
      const options = { max_record_bytes: `${longest}B`, repeat: true, limit: 12 }
      const whole = await readFrom(storage, options)
      const slow = await readFrom(storage, { ...options, pace: { every: '1s' } })
      expect([slow.values, slow.refused]).toEqual([whole.values, whole.refused])
      let values = 0
      let failed = 0
      for (const batch of slow.batches) {
        values += batch.records?.size ?? 0
        failed += batch.failed?.length ?? 0
        const rest = await readFrom(storage, options, batch.position as Position)
        expect(rest.values).toEqual(whole.values.slice(values))
        expect(rest.failed).toEqual(whole.failed.slice(failed))
      }
    },
  )
  await fc.assert(property, { numRuns: 100 })
})

test('what codec csv has written, the source reads', async () => {
  const row = fc.record({
    id: fc.maxSafeInteger(),
    text: fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', ' ", "', 'a\r\n', '\t;', '\ufeff')),
    real: fc.double({ noNaN: true, noDefaultInfinity: true }),
    yes: fc.option(fc.boolean()),
  })
  const property = fc.asyncProperty(
    fc.array(row, { minLength: 1 }),
    fc.constantFrom(',', ';', '\t'),
    async (rows, delimiter) => {
      const origin = { component: 'source', partition: 'list', position: null }
      const batch = recordsBatch(rows.map((value) => makeRecord({ value, timestamp: 0, origin })))
      const { chunks } = encodeBatch(createEncoder('csv', { delimiter }), batch)
      const columns = { id: 'integer', real: 'number', yes: 'boolean' }
      const { values, failed } = await read(Buffer.concat(chunks), { csv: { delimiter }, columns })
      expect(failed).toEqual([])
      expect(values).toEqual(rows.map((one) => ({ ...one, real: one.real + 0 })))
    },
  )
  await fc.assert(property, { numRuns: 200 })
})
