import { expect, test } from 'vitest'
import { endOfBatches, withBatchEnds } from './batch-ends.ts'

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

function batch(base: number, lastOffsetDelta: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(61 + bytes)
  buffer.writeBigInt64BE(BigInt(base), 0)
  buffer.writeInt32BE(buffer.length - 12, 8)
  buffer[16] = 2
  buffer.writeInt32BE(lastOffsetDelta, 23)
  return buffer
}
