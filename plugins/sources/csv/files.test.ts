import { describe, expect, test } from 'vitest'
import type { Position } from './position.ts'
import { diskWith, type Options, put, read, readFrom, readOn } from './reading.fixture.ts'

const SALES = {
  '/in/2026-02.csv': 'id,n\n4,40\n5,50\n',
  '/in/2026-01.csv': 'n,id\n10,1\n20,2\n30,3\n',
  '/in/2026-03.csv': 'id,n\n6,60\n',
}

async function disk(files: Readonly<Record<string, string>> = SALES) {
  const storage = await diskWith('id\nother\n')
  for (const [path, text] of Object.entries(files)) await put(storage, path, text)
  return storage
}

const ids = (values: readonly unknown[]) => values.map((value) => Number((value as { id: string }).id))

describe('several files', () => {
  test('are read one after the other: in the order of the list, those of a glob by their names', async () => {
    const storage = await disk()
    expect(ids((await readFrom(storage, { path: '/in/2026-*.csv' })).values)).toEqual([1, 2, 3, 4, 5, 6])
    const path = ['/in/2026-03.csv', '/in/2026-0?.csv']
    expect(ids((await readFrom(storage, { path })).values)).toEqual([6, 1, 2, 3, 4, 5])
  })

  test('are partitions of their own, known before anything is read of one, and each says when it has ended', async () => {
    const { batches } = await readFrom(await disk(), { path: '/in/2026-*.csv' })
    const [january, february, march] = Object.keys(SALES).toSorted()
    expect(batches.map(({ partition, records, ended = false }) => [partition, records?.size ?? 0, ended])).toEqual([
      [january, 0, false],
      [february, 0, false],
      [march, 0, false],
      [january, 3, true],
      [february, 2, true],
      [march, 1, true],
    ])
  })

  test.each<Options>([{}, { limit: 5 }, { pace: { records: 2, every: '1s' } }, { pace: { every: '0s' }, limit: 4 }])(
    'go on, each where it was left, after a stop behind any batch, with %j',
    async (options) => {
      const storage = await disk()
      const path = '/in/2026-*.csv'
      const whole = await readFrom(storage, { path, ...options })
      const positions = new Map<string, Position>()
      let before = 0
      for (const { partition, position, records } of whole.batches) {
        positions.set(partition, position as Position)
        before += records?.size ?? 0
        const rest = await readOn(storage, { path, ...options }, positions)
        expect(rest.values).toEqual(whole.values.slice(before))
        expect(rest.places).toEqual(whole.places.slice(before))
      }
    },
  )

  test('are counted together by `limit` and by `pace`', async () => {
    const options = { path: '/in/2026-*.csv', pace: { records: 2, every: '1s' }, limit: 5 }
    const { places, values } = await readFrom(await disk(), options)
    expect(ids(values)).toEqual([1, 2, 3, 4, 5])
    expect(places).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1'])
  })

  test('may become more between two runs: what is new is read, and what was read is not', async () => {
    const storage = await disk()
    const first = await readFrom(storage, { path: '/in/2026-*.csv' })
    await put(storage, '/in/2026-04.csv', 'id\n7\n')
    const { values, logs, positions } = await readOn(storage, { path: '/in/2026-*.csv' }, first.positions)
    expect([ids(values), logs]).toEqual([[7], []])
    await storage.remove('/in/2026-01.csv')
    const third = await readOn(storage, { path: '/in/2026-*.csv' }, positions)
    expect(third.logs).toEqual(['/in/2026-01.csv is not read any more: it was read up to byte 20'])
  })

  test('have headers of their own, and one that is missing a column is named', async () => {
    const storage = await disk({ ...SALES, '/in/2026-04.csv': 'n\n1\n' })
    await expect(readFrom(storage, { path: '/in/2026-*.csv', columns: { id: 'integer' } })).rejects.toMatchObject({
      code: 'SR_INPUT_HEADER',
      message: 'the header of /in/2026-04.csv has no column "id": it has n',
    })
  })

  test.each([
    ['/in/2027-*.csv', 'no file matches /in/2027-*.csv'],
    [['/in/2026-01.csv', '/in/none.csv'], 'there is no file /in/none.csv'],
  ])('must be there: %j', async (path, message) => {
    await expect(readFrom(await disk(), { path })).rejects.toMatchObject({ code: 'SR_INPUT_MISSING', message })
  })
})

describe('lines that end with a carriage return alone', () => {
  const refused = (path: string) => ({ code: 'SR_INPUT_HEADER', message: expect.stringContaining(path) })

  test('are refused, and what to do is said', async () => {
    await expect(read('id,n\r1,2\r3,4\r')).rejects.toMatchObject(refused('carriage return'))
    await expect(read('id\r1\r2\n')).rejects.toMatchObject(refused('tr "\\r" "\\n"'))
    await expect(read('id\r1\r2', { max_record_bytes: '2B' })).rejects.toMatchObject(refused('carriage return'))
  })

  test('are no reason where the header holds one in quotes, or ends with CR LF', async () => {
    expect((await read('"i\rd"\r\n1\r\n')).values).toEqual([{ 'i\rd': '1' }])
  })
})
