import { createReadStream } from 'node:fs'
import kafkajs from 'kafkajs'

/**
 * `node kafka-produce.js BROKER TOPIC PARTITIONS INPUT RECORDS`: the lines of a file into a topic with bare kafkajs, as
 * safely as streamrun does it: idempotent, acknowledged by all replicas, one request under way. All partitions share a
 * request, which holds so many records.
 */
const [broker, topic, partitions, input, records] = process.argv.slice(2)
if (broker === undefined || topic === undefined || input === undefined) throw new Error('usage: see above')
const RECORDS = Number(records)

const client = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.ERROR })
const producer = client.producer({
  idempotent: true,
  maxInFlightRequests: 1,
  allowAutoTopicCreation: false,
  createPartitioner:
    () =>
    ({ message }) =>
      message.partition ?? 0,
})
await producer.connect()
let messages: { value: Buffer; partition: number }[] = []
let count = 0
for await (const value of linesOf(input)) {
  messages.push({ value, partition: count++ % Number(partitions) })
  if (messages.length === RECORDS) await send()
}
if (messages.length > 0) await send()
await producer.disconnect()

async function send(): Promise<void> {
  await producer.send({ topic: topic as string, messages, acks: -1 })
  messages = []
}

async function* linesOf(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const read of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const chunk = rest.length === 0 ? (read as Buffer) : Buffer.concat([rest, read as Buffer])
    let from = 0
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      yield chunk.subarray(from, end)
      from = end + 1
    }
    rest = chunk.subarray(from)
  }
}
