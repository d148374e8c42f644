import { describe, expect, test } from 'vitest'
import { recordsOf, valuesOf } from './faker.fixture.ts'

/** The figures hold for these seeds; a share of chance would hold only nearly. */
describe('shares', () => {
  const share = (records: readonly unknown[], test: (value: never) => boolean) =>
    records.filter((value) => test(value as never)).length

  test('of missing fields are what `optional` says', async () => {
    const fields = {
      a: { value: 1, optional: 0.05 },
      never: { value: 1, optional: 1 },
      o: { object: { x: { value: 1 } }, optional: 0.5 },
    }
    const records = await valuesOf({ seed: 11, count: 10_000, fields })
    expect(share(records, ({ a }) => a === undefined)).toMatchInlineSnapshot(`504`)
    expect(share(records, ({ o }) => o === undefined)).toMatchInlineSnapshot(`4919`)
    expect(share(records, ({ never }) => never !== undefined)).toBe(0)
  })

  test('of weighted texts are what their weights say, of choices the same', async () => {
    const fields = { w: { weighted: { none: 0, low: 5, high: 1 } }, c: { choice: ['x', 1, null, [2]] } }
    const records = await valuesOf({ seed: 11, count: 12_000, fields })
    const shares = (field: string) => {
      const counts: Record<string, number> = {}
      for (const record of records) {
        const value = JSON.stringify(record[field])
        counts[value] = (counts[value] ?? 0) + 1
      }
      return counts
    }
    expect(shares('w')).toMatchInlineSnapshot(`
      {
        ""high"": 2041,
        ""low"": 9959,
      }
    `)
    expect(shares('c')).toMatchInlineSnapshot(`
      {
        ""x"": 3081,
        "1": 2997,
        "[2]": 2904,
        "null": 3018,
      }
    `)
  })

  test('of broken records are what `broken` says, and each is cut off in its JSON', async () => {
    const options = { seed: 11, count: 10_000, fields: { a: { value: 'ä' }, id: { sequence: {} } } }
    const whole = await valuesOf(options)
    const records = await recordsOf({ ...options, broken: 0.01 })
    const broken = records.filter(({ raw }) => raw !== undefined)
    expect(broken.length).toMatchInlineSnapshot(`80`)
    for (const record of broken) {
      const text = Buffer.from(record.raw ?? []).toString()
      expect(JSON.stringify(whole[(record.origin.position as { n: number }).n]).startsWith(text)).toBe(true)
      expect(() => JSON.parse(text)).toThrow()
      expect(record.value).toBe(text)
    }
    expect(records.filter(({ raw }) => raw === undefined).map(({ value }) => value)).toEqual(
      whole.filter((_, n) => records[n]?.raw === undefined),
    )
  })
})
