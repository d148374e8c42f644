import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { testContext } from '../../../../test/contract/context.ts'
import { type DecodeMessages, endOfBatches, withBatchEnds } from './batch-ends.ts'
import { loadLibrary } from './library.ts'
import { Writers } from './writers.ts'

test('a batch without records says where it ends, and so does the last whole one of several', () => {
  const bytes = Buffer.concat([batch(5, 9, 0), batch(20, 0, 100)])
  expect(endOfBatches(bytes, 0, bytes.length)).toBe(21)
  expect(endOfBatches(bytes, 0, 61)).toBe(15)
  // The end of what a fetch may hold.
  expect(endOfBatches(bytes, 0, bytes.length - 1)).toBe(15)
})

test('what is no batch, or one of an old format, has no end', () => {
  expect(endOfBatches(Buffer.alloc(0), 0, 0)).toBeUndefined()
  const old = batch(5, 9, 0)
  old[16] = 1
  expect(endOfBatches(old, 0, old.length)).toBeUndefined()
})

test('the end goes with the records that were made of the bytes', async () => {
  const bytes = batch(5, 9, 10)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  const buffer = Buffer.concat([Buffer.from('before'), length, bytes])
  const decode = withBatchEnds(async () => [{ offset: '7' }])
  expect(await decode({ buffer, offset: 6 })).toMatchObject({ 0: { offset: '7' }, next: 15 })
  const nothing = Buffer.from([255, 255, 255, 255])
  expect(await withBatchEnds(async () => [])({ buffer: nothing, offset: 0 })).toMatchObject({ length: 0 })
})

test('kafkajs is made to decode so', async () => {
  const { clock, log, random } = testContext()
  const settings = {
    brokers: ['127.0.0.1:1'],
    clientId: 'test',
    ssl: undefined,
    sasl: undefined,
    writers: new Writers(),
  }
  const times = { connectTimeout: 1000, requestTimeout: 1000, sessionTimeout: 6000 }
  await loadLibrary({ ...settings, ...times, clock, log, random })
  const require = createRequire(import.meta.url)
  const decode = require('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as DecodeMessages
  const Decoder = require('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => Parameters<DecodeMessages>[0]
  // No records: their number is the last field of the head.
  const bytes = batch(5, 9, 0)
  const length = Buffer.alloc(4)
  length.writeInt32BE(bytes.length)
  expect(await decode(new Decoder(Buffer.concat([length, bytes])))).toMatchObject({ length: 0, next: 15 })
})

function batch(base: number, lastOffsetDelta: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(61 + bytes)
  buffer.writeBigInt64BE(BigInt(base), 0)
  buffer.writeInt32BE(buffer.length - 12, 8)
  buffer[16] = 2
  buffer.writeInt32BE(lastOffsetDelta, 23)
  return buffer
}
