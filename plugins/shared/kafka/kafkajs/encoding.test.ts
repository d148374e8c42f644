import { createRequire } from 'node:module'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRecord, type KafkaJsRecord } from './encoding.ts'

/** That of kafkajs, which nobody has replaced in this process. */
const original = createRequire(import.meta.url)('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (
  record: KafkaJsRecord,
) => { readonly buffer: Buffer }

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
)
// A header without a value is something that the original cannot write.
const headers = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(bytes, fc.array(bytes, { maxLength: 3 })))
const record = fc.record({
  offsetDelta: fc.nat(),
  timestampDelta: fc.oneof(fc.integer(), fc.integer({ min: 0, max: 2 ** 45 })),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers,
})

test('a record is the same bytes as kafkajs makes of it', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(encodeRecord(one).buffer.toString('hex')).toBe(original(one).buffer.toString('hex'))
    }),
  )
})

test('a record of nothing is the same bytes, too', () => {
  expect(encodeRecord({}).buffer).toEqual(original({}).buffer)
})
