/**
 * A number from 0 to 1 (not 1) that hangs on the text and the seed alone, and is spread evenly: FNV-1a over the UTF-16
 * units (http://www.isthe.com/chongo/tech/comp/fnv/), and the finalizer of MurmurHash3 to spread what FNV leaves close.
 */
export function shareOf(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  hash ^= hash >>> 16
  return (hash >>> 0) / 2 ** 32
}
