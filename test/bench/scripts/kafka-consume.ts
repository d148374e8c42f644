import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import kafkajs from 'kafkajs'

/**
 * `node kafka-consume.js BROKER TOPIC COUNT OUTPUT`: so many records of a topic as the lines of a file, with bare kafkajs:
 * batches, large fetches, all partitions side by side, offsets committed every second as streamrun does.
 */
const [broker, topic, count, output] = process.argv.slice(2)
if (broker === undefined || topic === undefined || output === undefined) throw new Error('usage: see above')

const client = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.ERROR })
const consumer = client.consumer({ groupId: `bench-${process.pid}`, maxBytesPerPartition: 4 * 1024 * 1024 })
const written = createWriteStream(output)
const LINE_FEED = Buffer.from('\n')
let read = 0
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await new Promise<void>((done, fail) => {
  const eachBatch: kafkajs.EachBatchHandler = async ({ batch: { messages } }) => {
    const lines = Buffer.concat(messages.flatMap(({ value }) => [value as Buffer, LINE_FEED]))
    if (!written.write(lines)) await once(written, 'drain')
    read += messages.length
    if (read === Number(count)) done()
  }
  consumer.run({ eachBatch, partitionsConsumedConcurrently: 3, autoCommitInterval: 1000 }).catch(fail)
})
written.end()
await once(written, 'finish')
await consumer.disconnect()
