import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../engine/random.ts'
import { manualClock } from '../../../test/contract/index.ts'
import { type FakerYaml, open, recordsOf, valuesOf } from './faker.fixture.ts'

const SHOP: FakerYaml = {
  id: { sequence: { start: 10, step: 5, format: 'ORD_%05d' } },
  customer: {
    hidden: true,
    pool: 20,
    of: {
      object: {
        id: { sequence: { format: 'CUST_%d' } },
        name: { faker: 'person.fullName' },
        mail: { expression: '$lowercase($replace(name, " ", ".")) & "@example.com"' },
      },
    },
  },
  customer_id: { expression: 'customer.id' },
  mail: { template: '<{customer.mail}>' },
  quantity: { faker: 'number.int', args: [{ min: 1, max: 5 }] },
  price: { faker: 'commerce.price' },
  at: { faker: 'date.recent' },
  device: { weighted: { android: 3, ios: 1 }, optional: 0.2 },
  data: { object: { total: { expression: 'quantity * $number(price)' }, half: { expression: 'data.total / 2' } } },
}

describe('record n depends on the seed and n alone', () => {
  test('the same seed gives the same records', async () => {
    const options = { seed: 42, count: 300, broken: 0.05, fields: SHOP }
    expect(await valuesOf(options)).toEqual(await valuesOf(options))
  })

  test('another seed gives other records', async () => {
    const [one] = await valuesOf({ seed: 1, count: 1, fields: SHOP })
    const [other] = await valuesOf({ seed: 2, count: 1, fields: SHOP })
    expect(one?.price).not.toEqual(other?.price)
  })

  test('the records of a seed never change', async () => {
    const records = await valuesOf({ seed: 2 ** 53 - 1, count: 3, fields: SHOP })
    await expect(`${JSON.stringify(records, null, 2)}\n`).toMatchFileSnapshot('expected/records.json')
  })

  test('whatever was made before, the rest is the same', async () => {
    const options = { seed: 7, count: 200, broken: 0.1, fields: SHOP }
    const whole = await valuesOf(options)
    const property = fc.asyncProperty(fc.nat(200), async (n) => {
      expect(await valuesOf(options, { position: { seed: 7, n } })).toEqual(whole.slice(n))
    })
    await fc.assert(property, { numRuns: 20 })
  })

  test('a field that is added leaves the others as they were', async () => {
    const fields = { a: { faker: 'string.uuid' }, b: { faker: 'person.firstName', optional: 0.5 } }
    const before = await valuesOf({ seed: 3, count: 50, fields })
    const after = await valuesOf({ seed: 3, count: 50, fields: { new: { faker: 'string.uuid' }, ...fields } })
    expect(after.map(({ new: _, ...rest }) => rest)).toEqual(before)
  })

  test('chance in expressions and templates is that of the record, too', async () => {
    const CHANCE = '[$random(), $uuid(), $join($shuffle(["a", "b", "c", "d", "e"]))]'
    const fields: FakerYaml = {
      id: { sequence: {} },
      drawn: { expression: CHANCE },
      shown: { template: '{$random()} {$uuid()}' },
      inner: { object: { drawn: { expression: CHANCE, optional: 0.2 } } },
      member: { pool: 5, of: { object: { drawn: { expression: CHANCE }, shown: { template: '{$uuid()}' } } } },
    }
    // Two parameters of one name: only the interpreter takes them.
    const late = { expression: '($f := function($x, $x) { $random() }; $f(1, 2))' }
    const options = { seed: 7, count: 60, fields: { ...fields, late } }
    const whole = await valuesOf(options, { random: seededRandom(1) })
    expect(await valuesOf(options, { random: seededRandom(2) })).toEqual(whole)
    expect(await valuesOf(options, { position: { seed: 7, n: 41 } })).toEqual(whole.slice(41))
    const moved = { ...options, fields: { late, ...Object.fromEntries(Object.entries(fields).reverse()) } }
    expect(await valuesOf(moved)).toEqual(whole)
    for (const name of ['drawn', 'shown', 'late'])
      expect(new Set(whole.map((value) => JSON.stringify(value[name]))).size).toBe(60)
    expect(await valuesOf({ ...options, seed: 8 })).not.toEqual(whole)
  })

  test('a seed that was drawn stays with the position, and is said', async () => {
    const options = { count: 2, fields: { id: { faker: 'string.uuid' } } }
    const { batches, context } = await open(options, { random: { next: () => 0.5 } })
    const { value } = await batches.next()
    expect(value?.position).toEqual({ seed: 2 ** 31, n: 2 })
    expect(context.recorded.logs).toEqual([
      { level: 'info', message: 'drew the seed 2147483648: `seed: 2147483648` makes the same records again' },
    ])
    const rest = await valuesOf({ ...options, count: 3 }, { position: { seed: 2 ** 31, n: 2 } })
    expect(rest).toEqual((await valuesOf({ ...options, count: 3, seed: 2 ** 31 })).slice(2))
  })

  test('at its count it makes nothing more', async () => {
    expect(await valuesOf({ seed: 1, count: 5, fields: SHOP }, { position: { seed: 1, n: 5 } })).toEqual([])
  })

  test('numbers beyond 2^32 give records of their own', async () => {
    const fields = { id: { faker: 'string.uuid' } }
    const far = await valuesOf({ seed: 1, count: 2 ** 32 + 2, fields }, { position: { seed: 1, n: 2 ** 32 } })
    const near = await valuesOf({ seed: 1, count: 2, fields })
    expect(new Set([...far, ...near].map(({ id }) => id)).size).toBe(4)
  })
})

describe('fields', () => {
  const made = (fields: FakerYaml, count = 1) => valuesOf({ seed: 5, count, fields })

  test('come in their order, the hidden ones left out', async () => {
    const [record] = await made({ ...SHOP, device: { value: 'ios' } })
    const shown = ['id', 'customer_id', 'mail', 'quantity', 'price', 'at', 'device', 'data']
    expect(Object.keys(record ?? {})).toEqual(shown)
  })

  test('of expressions and templates see the fields before them', async () => {
    for (const { quantity, price, data, mail } of await made(SHOP, 50)) {
      const total = Number(quantity) * Number(price)
      expect(data).toEqual({ total, half: total / 2 })
      expect(mail).toMatch(/^<\S+@example.com>$/)
    }
  })

  test('do not see what comes after them, and are missing when they yield nothing', async () => {
    expect(await made({ a: { expression: 'b' }, b: { value: 1 } })).toEqual([{ b: 1 }])
  })

  test('can hold the record so far without holding themselves', async () => {
    const fields = { a: { value: [1] }, copy: { expression: '$' }, o: { object: { o: { expression: '[$.o, $$]' } } } }
    expect(() => JSON.stringify(fields)).not.toThrow()
    const [record] = await made(fields)
    expect(JSON.parse(JSON.stringify(record))).toMatchObject({ a: [1], copy: { a: [1] } })
  })

  test('hide inside objects, too', async () => {
    const fields = { o: { object: { a: { value: 2, hidden: true }, b: { expression: 'o.a + 1' } } } }
    expect(await made(fields)).toEqual([{ o: { b: 3 } }])
  })

  test('may be called like what every object has', async () => {
    const fields = { constructor: { value: 1 }, hasOwnProperty: { value: 2 } }
    expect(await made(fields)).toEqual([fields].map(() => ({ constructor: 1, hasOwnProperty: 2 })))
    const [record] = await made(JSON.parse('{ "__proto__": { "value": { "polluted": true } } }'))
    expect(JSON.stringify(record)).toBe('{"__proto__":{"polluted":true}}')
  })

  test('count up by sequences, as numbers and as texts', async () => {
    const fields = {
      number: { sequence: {} },
      down: { sequence: { start: 1, step: -2, format: '%03d' } },
      text: { sequence: { start: 10_001, format: '100%% CUST_%d' } },
    }
    expect(await made(fields, 2)).toEqual([
      { number: 1, down: '001', text: '100% CUST_10001' },
      { number: 2, down: '-001', text: '100% CUST_10002' },
    ])
  })

  test('draw from a pool that holds so many values and no more', async () => {
    const fields = { user: { pool: 10, of: { faker: 'string.uuid' } } }
    expect(new Set((await made(fields, 1000)).map(({ user }) => user)).size).toBe(10)
  })

  test('of one member of a pool belong together', async () => {
    const mails = new Map<unknown, unknown>()
    for (const { customer_id, mail } of await made(SHOP, 500)) {
      expect(mails.get(customer_id) ?? mail).toBe(mail)
      mails.set(customer_id, mail)
    }
    expect([...mails.keys()].sort()).toEqual(Array.from({ length: 20 }, (_, n) => `CUST_${n + 1}`).sort())
  })

  test('hold dates as text, large numbers as text, and lists', async () => {
    const fields = {
      date: { faker: 'date.between', args: [{ from: '2026-03-01', to: '2026-03-01' }] },
      recent: { faker: 'date.recent', args: [{ days: 1 }] },
      big: { faker: 'number.bigInt', args: [{ min: 5, max: 5 }] },
      list: { faker: 'helpers.uniqueArray', args: [['a'], 1] },
    }
    const [record] = await made(fields)
    expect(record).toMatchObject({ date: '2026-03-01T00:00:00.000Z', big: '5', list: ['a'] })
    expect(record?.recent).toMatch(/^2025-12-31T/)
  })

  test('are in the language of the locale', async () => {
    const fields = { city: { faker: 'location.country' } }
    const records = await valuesOf({ seed: 5, count: 300, locale: 'de', fields })
    expect(records.map(({ city }) => city)).toContain('Frankreich')
  })

  test('of the time come from the clock', async () => {
    const clock = manualClock(Date.UTC(2026, 4, 1, 12, 0, 0, 250))
    const fields = { iso: { now: 'iso' }, ms: { now: 'epoch-ms' }, s: { now: 'epoch-s' } }
    const [record] = await recordsOf({ seed: 1, count: 1, fields }, { clock })
    expect(record?.value).toEqual({ iso: '2026-05-01T12:00:00.250Z', ms: 1_777_636_800_250, s: 1_777_636_800.25 })
    expect(record?.timestamp).toBe(1_777_636_800_250)
  })
})

test('a record that cannot be made is a failure that names the field', async () => {
  const fields = { id: { sequence: {} }, x: { faker: 'helpers.arrayElement', args: [[]] } }
  const { batches } = await open({ seed: 1, count: 1, fields })
  const { value } = await batches.next()
  expect(value?.records?.size).toBe(0)
  expect(value?.failed?.[0]).toMatchObject({
    error: { code: 'SR_GENERATE_FAILED', message: expect.stringMatching(/^x: faker helpers.arrayElement: /) },
    raw: undefined,
    origin: { component: 'tested', partition: 'generated', position: { n: 0 } },
  })
})
