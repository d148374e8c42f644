/**
 * The partition that Kafka's Java client chooses for a key: `toPositive(murmur2(key)) % partitions`, so that programs in
 * other languages find a key where streamrun puts it. MurmurHash2 by Austin Appleby, with the seed of
 * `org.apache.kafka.common.utils.Utils.murmur2`; 32-bit arithmetic throughout.
 */
export function partitionOfKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** Signed, as Java's `int`. */
export function murmur2(data: Uint8Array): number {
  const { length } = data
  let hash = SEED ^ length
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    const word = byte(data, at) | (byte(data, at + 1) << 8) | (byte(data, at + 2) << 16) | (byte(data, at + 3) << 24)
    hash = Math.imul(hash, M) ^ scramble(word)
  }
  if (length - whole === 3) hash ^= byte(data, whole + 2) << 16
  if (length - whole >= 2) hash ^= byte(data, whole + 1) << 8
  if (length - whole >= 1) hash = Math.imul(hash ^ byte(data, whole), M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

const SEED = 0x9747b28c
const M = 0x5bd1e995

function scramble(word: number): number {
  const mixed = Math.imul(word, M)
  return Math.imul(mixed ^ (mixed >>> 24), M)
}

/** Within the array: the callers see to it. */
function byte(data: Uint8Array, at: number): number {
  return data[at] as number
}
