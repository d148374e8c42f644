import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Json, makeRecord } from '../../engine/plugin.ts'
import { detached, KEPT_RECORD } from './kept-record.ts'

const bytes = fc.uint8Array({ maxLength: 8 }).map((array) => Buffer.from(array))
const text = fc.string({ maxLength: 8 })
const record = fc
  .record({
    value: fc.jsonValue() as fc.Arbitrary<Json>,
    key: fc.oneof(text, bytes, fc.constant(null)),
    timestamp: fc.integer(),
    headers: fc.array(fc.record({ name: text, value: fc.oneof(text, bytes) }), { maxLength: 3 }),
    isRaw: fc.constantFrom('json', 'lines', undefined),
  })
  .map(({ value, isRaw, ...rest }) => {
    const raw = isRaw === 'json' ? Buffer.from(JSON.stringify(value)) : isRaw && Buffer.from('a\xff')
    const origin = { component: 'source', partition: 'p', position: { line: 1 } }
    return makeRecord({ value, ...(raw === undefined ? {} : { raw, format: isRaw }), ...rest, origin })
  })

it('a record in state comes back from JSON text as it was: value, bytes, key, time, headers and origin', () => {
  fc.assert(
    fc.property(record, (one) => {
      const back = KEPT_RECORD.decode(JSON.parse(JSON.stringify(KEPT_RECORD.encode(detached(one)))))
      const viewOf = ({ value, raw, format, key, timestamp, headers, origin }: typeof one) => ({
        value: JSON.parse(JSON.stringify(value)),
        raw: raw && Buffer.from(raw).toString('hex'),
        format,
        key,
        timestamp,
        headers,
        origin,
      })
      expect(viewOf(back)).toEqual(viewOf(one))
    }),
  )
})

it('a detached record does not change when the bytes that it came from are used again', () => {
  const data = Buffer.from('{"a":1}')
  const origin = { component: 'source', partition: 'p', position: null }
  const key = Buffer.from('k')
  const one = makeRecord({ value: { a: 1 }, raw: data, format: 'json', key, timestamp: 0, origin })
  const kept = detached(one)
  data.fill(0)
  key.fill(0)
  expect(Buffer.from(kept.raw ?? []).toString()).toBe('{"a":1}')
  expect(String(kept.key)).toBe('k')
})
