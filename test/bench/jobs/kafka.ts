import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import kafkajs from 'kafkajs'
import { Broker, KAFKA_VERSIONS } from '../../kafka/broker/index.ts'
import type { Bench, Findings, Job, Row } from '../bench.ts'
import { type Figures, medians, rowOf } from '../compare.ts'
import { compiled, measure, median, type Program } from '../measure.ts'
import { program } from '../pipelines.ts'
import { describeProfile, profiled, readProfile } from '../profile.ts'

export const produce: Job = {
  name: 'produce',
  summary: 'lines of a file into a topic of 3 partitions, beside a kafkajs script and kafka-producer-perf-test',
  run: (bench) => onBroker((broker) => raceProducers(bench, broker)),
}

export const consume: Job = {
  name: 'consume',
  summary: 'a topic of 3 partitions into a file, beside a kafkajs script and kafka-consumer-perf-test',
  run: (bench) => onBroker((broker) => raceConsumers(bench, broker)),
}

const PARTITIONS = 3

async function onBroker(run: (broker: Broker) => Promise<Findings>): Promise<Findings> {
  const broker = await Broker.start(VERSION)
  try {
    return await run(broker)
  } finally {
    await broker.remove()
  }
}

const VERSION = KAFKA_VERSIONS[KAFKA_VERSIONS.length - 1] as string

async function raceProducers(bench: Bench, broker: Broker): Promise<Findings> {
  const { count } = bench
  const input = bench.events(count)
  const topics = new Topics(broker)
  const produced = async (who: (topic: string, folder: string) => Program) => {
    const topic = await topics.make()
    const folder = bench.folder()
    const figures = await measure(who(topic, folder))
    await topics.expect(topic, count)
    await topics.remove(topic)
    rmSync(folder, { recursive: true })
    return figures
  }
  const size = await bestSize(bench, (records) => produced((topic) => producerScript(broker, topic, input, records)))
  const script = (topic: string) => producerScript(broker, topic, input, size)
  const streamrun = (topic: string, folder: string) => producerPipeline(broker, topic, input, folder)
  const java = async () => {
    const topic = await topics.make()
    const rate = await javaProducer(broker, topic, count, Math.round(statSync(input).size / count))
    await topics.remove(topic)
    return rate
  }
  const found = await race(
    bench,
    () => produced(script),
    () => produced(streamrun),
    java,
  )
  const notes = bench.profile
    ? await profileNotes(bench, async (profile) => void (await produced((...place) => profile(streamrun(...place)))))
    : []
  await topics.close()
  const best = `the kafkajs script at its best of ${SIZES.join(', ')} records a request: ${size}`
  return { rows: rowsOf(count, 'kafka-producer-perf-test', found), notes: [NOTE, best, ...notes] }
}

/** Records in a request of the script, each tried in a run of its own; of more than these a broker takes no request by default (1 MB a partition). */
const SIZES = [300, 1000, 3000, 7000] as const

async function bestSize({ say }: Bench, run: (records: number) => Promise<Figures>): Promise<number> {
  const found: { records: number; seconds: number }[] = []
  for (const records of SIZES) {
    say(`${records} records a request`)
    found.push({ records, seconds: (await run(records)).seconds })
  }
  return found.reduce((best, one) => (one.seconds < best.seconds ? one : best)).records
}

async function raceConsumers(bench: Bench, broker: Broker): Promise<Findings> {
  const { count } = bench
  const input = bench.events(count)
  const topics = new Topics(broker)
  const topic = await topics.make()
  bench.say('filling the topic')
  await measure(producerScript(broker, topic, input, 3000))
  await topics.expect(topic, count)
  const consumed = async (who: (output: string, folder: string) => Program) => {
    const folder = bench.folder()
    const output = join(folder, 'output.ndjson')
    const figures = await measure(who(output, folder))
    // The partitions come in any order: the bytes are counted.
    if (statSync(output).size !== statSync(input).size) throw new Error(`${output} does not hold what the topic holds`)
    rmSync(folder, { recursive: true })
    return figures
  }
  const script = (output: string): Program => ({
    script: compiled('./scripts/kafka-consume.js'),
    args: [broker.address, topic, String(count), output],
  })
  const streamrun = (output: string, folder: string) => consumerPipeline(broker, topic, output, folder)
  const java = () => javaConsumer(broker, topic, count)
  const found = await race(
    bench,
    () => consumed(script),
    () => consumed(streamrun),
    java,
  )
  const notes = bench.profile
    ? await profileNotes(bench, async (profile) => void (await consumed((...place) => profile(streamrun(...place)))))
    : []
  await topics.close()
  return { rows: rowsOf(count, 'kafka-consumer-perf-test', found), notes: [NOTE, ...notes] }
}

const NOTE = `Apache Kafka ${VERSION} on this machine; kafkajs and streamrun from the start of their process to its end, the Java tools by their own clock`

interface Race {
  readonly script: Figures
  readonly streamrun: Figures
  /** Records per second. */
  readonly java: number
}

/** In turns, so that a slow minute of the machine is shared by all. */
async function race(
  { runs, say }: Bench,
  script: () => Promise<Figures>,
  streamrun: () => Promise<Figures>,
  java: () => Promise<number>,
): Promise<Race> {
  const found = { script: [] as Figures[], streamrun: [] as Figures[], java: [] as number[] }
  for (let run = 1; run <= runs; run++) {
    say(`run ${run} of ${runs}`)
    found.script.push(await script())
    found.streamrun.push(await streamrun())
    found.java.push(await java())
  }
  return { script: medians(found.script), streamrun: medians(found.streamrun), java: median(found.java) }
}

function rowsOf(count: number, tool: string, { script, streamrun, java }: Race): Row[] {
  const ratio = script.seconds / streamrun.seconds
  return [
    rowOf('kafkajs script', count, script),
    {
      ...rowOf('streamrun', count, streamrun),
      result: { value: ratio, unit: 'x', target: { kind: 'at least', value: 0.8 } },
    },
    { who: 'the same, by CPU time', result: { value: script.cpuSeconds / streamrun.cpuSeconds, unit: 'x' } },
    { who: tool, eventsPerSecond: java },
  ]
}

function producerScript(broker: Broker, topic: string, input: string, records: number): Program {
  return {
    script: compiled('./scripts/kafka-produce.js'),
    args: [broker.address, topic, String(PARTITIONS), input, String(records)],
  }
}

function producerPipeline(broker: Broker, topic: string, input: string, folder: string): Program {
  return program(
    `name: bench
connections: { kafka: { type: kafka, brokers: '${broker.address}' } }
sources:
  input: { type: file-tail, path: ${JSON.stringify(input)}, codec: lines, follow: false }
sinks:
  output: { type: kafka, topic: ${topic}, codec: lines }
`,
    folder,
  )
}

function consumerPipeline(broker: Broker, topic: string, output: string, folder: string): Program {
  return program(
    `name: bench
connections: { kafka: { type: kafka, brokers: '${broker.address}' } }
sources:
  input: { type: kafka, topics: ${topic}, group: ${JSON.stringify(folder)}, codec: lines, until: end }
sinks:
  output: { type: file, path: ${JSON.stringify(output)}, codec: lines }
`,
    folder,
  )
}

/** Its last line: `1000000 records sent, 123456.7 records/sec (41.2 MB/sec), ...`. */
async function javaProducer(broker: Broker, topic: string, count: number, size: number): Promise<number> {
  const settings = [`bootstrap.servers=${broker.address}`, 'acks=all', 'enable.idempotence=true', 'linger.ms=5']
  const printed = await broker.tool('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', topic, '--num-records', String(count), '--record-size', String(size), '--throughput', '-1'],
    ...['--producer-props', ...settings, 'batch.size=262144', 'compression.type=none'],
  ])
  return numberIn(printed, /^\d+ records sent, ([\d.]+) records\/sec .*50th/m)
}

/** Columns of figures under their names. */
async function javaConsumer(broker: Broker, topic: string, count: number): Promise<number> {
  const printed = await broker.tool('org.apache.kafka.tools.ConsumerPerformance', [
    ...['--bootstrap-server', broker.address, '--topic', topic, '--messages', String(count), '--timeout', '60000'],
  ])
  const [names = '', figures = ''] = printed.split('\n').slice(-3)
  const column = names.split(',').findIndex((name) => name.trim() === 'fetch.nMsg.sec')
  return numberIn(figures.split(',')[column] ?? printed, /^ *([\d.]+)/)
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1]
  if (found === undefined) throw new Error(`a tool of Kafka printed something else: ${text}`)
  return Number(found)
}

/** One more run, which no figure comes from. */
async function profileNotes(
  bench: Bench,
  run: (profile: (program: Program) => Program) => Promise<void>,
): Promise<string[]> {
  bench.say('profiling')
  const folder = bench.folder()
  await run((one) => profiled(one, folder))
  return ['streamrun, busy time of its main thread:', ...describeProfile(readProfile(folder))]
}

/** Topics of the broker, each for one run. */
class Topics {
  readonly #admin: kafkajs.Admin
  readonly #connected: Promise<void>
  #made = 0

  constructor({ address }: Broker) {
    const client = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.NOTHING })
    this.#admin = client.admin()
    this.#connected = this.#admin.connect()
  }

  async make(): Promise<string> {
    await this.#connected
    const topic = `bench-${++this.#made}`
    await this.#admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: false })
    // The broker takes a moment to know of it.
    const isThere = () => this.#admin.fetchTopicOffsets(topic).then(({ length }) => length === PARTITIONS)
    while (!(await isThere().catch(() => false))) await new Promise((again) => setTimeout(again, 100))
    return topic
  }

  /** Throws where the topic does not hold so many records. */
  async expect(topic: string, count: number): Promise<void> {
    const ends = await this.#admin.fetchTopicOffsets(topic)
    const found = ends.reduce((sum, { high }) => sum + Number(high), 0)
    if (found !== count) throw new Error(`${topic} holds ${found} records instead of ${count}`)
  }

  async remove(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] })
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }
}
