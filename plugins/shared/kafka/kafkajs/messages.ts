import type { Message } from 'kafkajs'
import type { ProducerRecord } from '../port.ts'

/** A record as kafkajs sends it, to a partition that is chosen already (K-6). */
export function messageFrom({ key, value, timestamp, headers }: ProducerRecord, partition: number): Message {
  return {
    partition,
    key: key && bufferOf(key),
    value: value && bufferOf(value),
    timestamp: String(timestamp),
    ...(headers.length === 0 ? {} : { headers: headersOf(headers) }),
  }
}

/** For `createPartitioner`. */
export function partitionOf({ message }: { message: Message }): number {
  return message.partition ?? 0
}

/** Those of one name together, which is all that kafkajs can say. */
function headersOf(headers: ProducerRecord['headers']): { [name: string]: Buffer[] } {
  const found: { [name: string]: Buffer[] } = Object.create(null)
  for (const { name, value } of headers) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : bufferOf(value)
    const values = found[name]
    if (values === undefined) found[name] = [bytes]
    else values.push(bytes)
  }
  return found
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
