import { expect, test } from 'vitest'
import { murmur2, partitionOfKey } from './murmur2.ts'

/** Figures of `UtilsTest.testMurmur2` of Apache Kafka. */
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('the hash of %s is that of the Java client', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash)
})

test('a key is always in the same partition, and all partitions get some', () => {
  const chosen = Array.from({ length: 1000 }, (_, number) => partitionOfKey(Buffer.from(`key ${number}`), 7))
  expect(new Set(chosen).size).toBe(7)
  expect(Math.min(...chosen)).toBe(0)
  expect(Array.from({ length: 1000 }, (_, number) => partitionOfKey(Buffer.from(`key ${number}`), 7))).toEqual(chosen)
})
