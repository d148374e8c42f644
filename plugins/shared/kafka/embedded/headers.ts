import type { Header } from '../../../../engine/plugin.ts'

/**
 * The headers of one record, one behind the other:
 *
 *   0  4  length of the name
 *   4  4  length of the value
 *   8  n  the name, UTF-8
 *      n  the value; text as UTF-8
 */
export function packHeaders({ headers }: { readonly headers: readonly Header[] }): Buffer {
  return headers.length === 0 ? NOTHING : Buffer.concat(headers.flatMap(packHeader))
}

export function unpackHeaders(bytes: Buffer): readonly Header[] {
  const headers: Header[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = at + LENGTHS + bytes.readUInt32LE(at)
    const end = value + bytes.readUInt32LE(at + 4)
    headers.push({ name: bytes.toString('utf8', at + LENGTHS, value), value: bytes.subarray(value, end) })
    at = end
  }
  return headers
}

const LENGTHS = 8
const NOTHING = Buffer.alloc(0)

function packHeader({ name, value }: Header): Uint8Array[] {
  const lengths = Buffer.allocUnsafe(LENGTHS)
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  lengths.writeUInt32LE(Buffer.byteLength(name), 0)
  lengths.writeUInt32LE(bytes.length, 4)
  return [lengths, Buffer.from(name), bytes]
}
